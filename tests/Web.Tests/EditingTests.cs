using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace WebTests;

public sealed class EditingTests(WebStack web)
{
    private static readonly object Chair = new
    {
        sk = "chair/1 #50%25",
        name = "Oak chair",
        code = "CH-1",
        seq = 7,
        attributes = new { category = "Seats", price = 129.90m, description = "Oak", specification = new { weight = "7 kg", dimensions = "45 x 50" } },
    };

    [Fact]
    public async Task Every_attribute_can_be_changed_and_taken_away()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, Chair);
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Oak chair", Exact = true }).ClickAsync();
        foreach (var (label, before, after) in new[]
        {
            ("Name", "Oak chair", "Pine chair"), ("Code", "CH-1", "CH-2"), ("Category", "Seats", ""), ("Price", "129.9", "99.95"),
            ("Description", "Oak", "Pine"), ("Weight", "7 kg", ""), ("Dimensions", "45 x 50", "40 x 40"), ("Sort number", "7", "8"),
        })
        {
            await Expect(visitor.Field(label)).ToHaveValueAsync(new Regex("^" + Regex.Escape(before)));
            await visitor.Field(label).FillAsync(after);
        }

        await visitor.Page.GetByLabel("Expires").FillAsync("2099-12-31T12:00");
        await visitor.Button("Save").ClickAsync();
        await Expect(visitor.Page.GetByText("Saved as version 2.")).ToBeVisibleAsync();

        using var api = await web.ApiClientAsync("reader", tenant);
        var address = new Uri($"/api/product/data/PRODUCT%23{tenant}/chair%2F1%20%2350%2525", UriKind.Relative);
        var stored = "";
        await Eventually.IsTrueAsync("the data table has version 2", async () =>
            (stored = await api.GetStringAsync(address, TestContext.Current.CancellationToken)).Contains("\"version\":2", StringComparison.Ordinal));
        foreach (var part in new[]
        {
            "\"name\":\"Pine chair\"", "\"code\":\"CH-2\"", "\"seq\":8", "\"ttl\":4102401600", "\"price\":99.95", "\"dimensions\":\"40 x 40\"",
        })
        {
            Assert.Contains(part, stored);
        }

        Assert.DoesNotContain("category", stored);
        Assert.DoesNotContain("weight", stored);
    }

    [Fact]
    public async Task What_is_wrong_stands_next_to_its_field()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "one", name = "One" }, new { sk = "two", name = "Two", code = "TAKEN" });
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.EditAsync("one");
        await visitor.Field("Name").FillAsync("");
        await visitor.Field("Price").FillAsync("12,50");
        await visitor.Field("Sort number").FillAsync("1.5");
        await visitor.Button("Save").ClickAsync();
        await visitor.ExpectErrorAtAsync("Name", "Name is required");
        await visitor.ExpectErrorAtAsync("Price", "Price must be a number");
        await visitor.ExpectErrorAtAsync("Sort number", "Sort number must be a whole number");
        await Expect(visitor.Field("Name")).ToBeFocusedAsync();

        await visitor.Field("Name").FillAsync("One");
        await visitor.Field("Price").FillAsync("");
        await visitor.Field("Sort number").FillAsync("");
        await visitor.Field("Code").FillAsync("TAKEN");
        await visitor.Button("Save").ClickAsync();
        await visitor.ExpectErrorAtAsync("Code", "Code is taken");
    }

    [Fact]
    public async Task What_is_typed_outlives_a_connection_that_is_lost_for_long()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "one", name = "One" });
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.EditAsync("one");
        await visitor.Field("Name").FillAsync("Typed");
        await visitor.Field("Price").FillAsync("5");
        await visitor.Field("Price").PressAsync("Tab");

        await visitor.BeginAnewAsync();
        await Expect(visitor.Field("Name")).ToBeEnabledAsync();
        await Expect(visitor.Field("Name")).ToHaveValueAsync("Typed");
        await visitor.Button("Save").ClickAsync();
        await Expect(visitor.Page.GetByText("Saved as version 2.")).ToBeVisibleAsync();
        await Expect(visitor.Field("Price")).ToHaveValueAsync("5");
    }

    [Fact]
    public async Task Saving_without_a_change_makes_no_version()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, Chair);
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.EditAsync("chair/1 #50%25");
        await visitor.Button("Save").ClickAsync();
        await Expect(visitor.Page.GetByText("Nothing was changed.")).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByText("version 1", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_product_that_is_not_there_or_of_another_tenant_is_not_found()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "one", name = "Secret" });
        await using var other = await web.SignInAsync();
        await other.Page.GotoAsync("/products/edit?sk=one");
        await Expect(other.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is no such item.");
        await Expect(other.Page.GetByText("Secret")).ToHaveCountAsync(0);
    }
}
