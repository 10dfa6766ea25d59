using System.Net.Http.Json;
using Microsoft.Playwright;

namespace WebTests;

/// <summary>What the list shows by itself.</summary>
public sealed class LiveTests(WebStack web)
{
    [Fact]
    public async Task A_row_is_marked_while_the_worker_is_stopped_and_the_mark_goes_when_it_has_caught_up()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "old", name = "Old" });
        await using var ann = await web.SignInAsync(tenant);
        await using var bob = await web.SignInAsync(tenant, "bob");
        await web.WithoutAsync(WebStack.Worker, async () =>
        {
            await ann.CreateAsync(("Name", "Fresh"));
            await Expect(Row(ann, "Fresh")).ToContainTextAsync("syncing");
            await ann.EditAsync("old");
            await ann.Field("Name").FillAsync("Changed");
            await ann.Button("Save").ClickAsync();
            await Expect(ann.Page.GetByText("Saved as version 2.")).ToBeVisibleAsync();
            await ann.Page.GetByRole(AriaRole.Link, new() { Name = "← Products" }).ClickAsync();
            await Expect(Row(ann, "Changed")).ToContainTextAsync("syncing");
            await Expect(Row(ann, "Fresh")).ToContainTextAsync("syncing");
            // Somebody else does not see the change yet, but that one is on its way.
            await Expect(bob.Rows).ToHaveCountAsync(1);
            await Expect(Row(bob, "Old")).ToContainTextAsync("syncing");
        });

        await Expect(Row(ann, "Fresh")).Not.ToContainTextAsync("syncing");
        await Expect(Row(ann, "Changed")).Not.ToContainTextAsync("syncing");
        await Expect(Row(bob, "Changed")).Not.ToContainTextAsync("syncing");
        await Expect(bob.Rows).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task What_other_users_of_the_tenant_do_is_in_the_list_by_itself_and_other_tenants_see_nothing_of_it()
    {
        var tenant = WebStack.NewTenant();
        await using var ann = await web.SignInAsync(tenant);
        await using var eve = await web.SignInAsync(user: "eve");
        await Expect(ann.Page.GetByText("There are no products yet.")).ToBeVisibleAsync();

        using var bob = await web.ApiClientAsync("bob", tenant);
        await PostAsync(bob, new { sk = "one", name = "Bob's" });
        await Expect(Row(ann, "Bob's")).ToBeVisibleAsync();
        await PostAsync(bob, new { sk = "one", name = "Bob's new", version = 1 });
        await Expect(Row(ann, "Bob's new")).ToContainTextAsync("bob");
        using var deleted = await bob.DeleteAsync($"/api/product/data/PRODUCT%23{tenant}/one", TestContext.Current.CancellationToken);
        await Expect(ann.Page.GetByText("There are no products yet.")).ToBeVisibleAsync();
        await Expect(eve.Page.GetByText("There are no products yet.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task After_the_API_was_away_the_list_goes_on_showing_what_happens()
    {
        var tenant = WebStack.NewTenant();
        await using var ann = await web.SignInAsync(tenant);
        await Expect(ann.Page.GetByText("There are no products yet.")).ToBeVisibleAsync();
        await web.WithoutAsync(WebStack.Api, () => Task.CompletedTask);
        using var bob = await web.ApiClientAsync("bob", tenant);
        await PostAsync(bob, new { name = "Later" });
        await Expect(Row(ann, "Later")).ToBeVisibleAsync();
    }

    private static ILocator Row(Visitor visitor, string name) => visitor.Rows.Filter(new() { HasText = name });

    private static async Task PostAsync(HttpClient writer, object product)
    {
        using var answer = await writer.PostAsJsonAsync("/api/product", product, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"The answer was {answer.StatusCode}.");
    }
}
