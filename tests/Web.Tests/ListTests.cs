using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace WebTests;

public sealed class ListTests(WebStack web)
{
    [Fact]
    public async Task What_the_list_shows_stands_in_the_address_and_survives_reload_and_back()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, [.. Enumerable.Range(1, 25).Select(Chair)]);
        await using var visitor = await web.SignInAsync(tenant);
        await Expect(visitor.Status).ToHaveTextAsync("25 products");
        await Expect(visitor.Rows).ToHaveCountAsync(20);

        await visitor.SearchBox.FillAsync("chair");
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("\\?keyword=chair$"));
        await Expect(visitor.Status).ToHaveTextAsync("25 products for “chair”");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Price" }).ClickAsync();
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("\\?keyword=chair&sort=price$"));
        await Expect(visitor.Rows.First).ToContainTextAsync("CH-01");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("\\?keyword=chair&sort=price&page=2$"));
        await ExpectSecondPageAsync(visitor);

        await visitor.Page.ReloadAsync();
        await ExpectSecondPageAsync(visitor);
        await Expect(visitor.SearchBox).ToHaveValueAsync("chair");

        await visitor.Page.GoBackAsync();
        await Expect(visitor.Page.GetByText("Page 1 of 2")).ToBeVisibleAsync();
        await Expect(visitor.Rows.First).ToContainTextAsync("CH-01");
        await visitor.Page.GoBackAsync();
        await visitor.Page.GoBackAsync();
        await Expect(visitor.SearchBox).ToHaveValueAsync("");
        await Expect(visitor.Status).ToHaveTextAsync("25 products");
    }

    [Fact]
    public async Task A_column_sorts_up_and_then_down()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, [.. Enumerable.Range(1, 3).Select(Chair)]);
        await using var visitor = await web.SignInAsync(tenant);
        var header = visitor.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Code" });

        await header.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(header).ToHaveAttributeAsync("aria-sort", "ascending");
        await Expect(visitor.Rows.First).ToContainTextAsync("CH-01");
        await header.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(header).ToHaveAttributeAsync("aria-sort", "descending");
        await Expect(visitor.Rows.First).ToContainTextAsync("CH-03");
    }

    [Fact]
    public async Task Filters_apply_as_they_are_typed_and_survive_reload_and_back()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, [.. Enumerable.Range(1, 6).Select(Chair)]);
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.Page.GetByLabel("Category").FillAsync("Seats");
        await Expect(visitor.Status).ToHaveTextAsync("3 products");
        await visitor.Field("Price from").FillAsync("30");
        await Expect(visitor.Status).ToHaveTextAsync("2 products");
        await visitor.Field("Price to").FillAsync("40.00");
        await Expect(visitor.Status).ToHaveTextAsync("1 product");
        await Expect(visitor.Rows.First).ToContainTextAsync("CH-04");
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("\\?category=Seats&min=30&max=40.00$"));

        await visitor.Page.ReloadAsync();
        await Expect(visitor.Status).ToHaveTextAsync("1 product");
        await Expect(visitor.Field("Price to")).ToHaveValueAsync("40.00");
        await visitor.Page.GoBackAsync();
        await Expect(visitor.Status).ToHaveTextAsync("6 products");
        await Expect(visitor.Field("Price to")).ToHaveValueAsync("");
    }

    [Theory]
    [InlineData("Price from", "1,5", "15")]
    [InlineData("Price to", "cheap", "60")]
    public async Task A_price_that_is_none_says_so_and_shows_no_result_of_another_filter(string label, string wrong, string right)
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, [.. Enumerable.Range(1, 6).Select(Chair)]);
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.Page.GetByLabel("Category").FillAsync("Seats");
        await Expect(visitor.Status).ToHaveTextAsync("3 products");

        await visitor.Field(label).FillAsync(wrong);
        await ExpectRefusedAsync();
        // Neither what somebody else writes nor a reload brings the old result back.
        await web.AddProductsAsync(tenant, [.. Enumerable.Range(7, 1).Select(Chair)]);
        await visitor.Page.ReloadAsync();
        await ExpectRefusedAsync();
        await Expect(visitor.Field(label)).ToHaveValueAsync(wrong);

        await visitor.Field(label).FillAsync(right);
        await Expect(visitor.Status).ToHaveTextAsync("3 products");
        await Expect(visitor.Field(label)).Not.ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Export CSV" })).ToBeVisibleAsync();

        async Task ExpectRefusedAsync()
        {
            await visitor.ExpectErrorAtAsync(label, "A number such as 12.50");
            await Expect(visitor.Rows).ToHaveCountAsync(0);
            await Expect(visitor.Status).ToHaveTextAsync("Correct the filter to see products.");
            // The file would be of another filter too.
            await Expect(visitor.Page.GetByText("Export CSV")).Not.ToHaveAttributeAsync("href", new Regex(".*"));
        }
    }

    [Fact]
    public async Task Filters_that_are_changed_at_once_all_apply()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, [.. Enumerable.Range(1, 6).Select(Chair)]);
        await using var visitor = await web.SignInAsync(tenant);
        await Expect(visitor.SearchBox).ToBeEnabledAsync();
        await visitor.Page.EvaluateAsync("""
            () => {
              for (const [id, text] of [['keyword', 'chair'], ['in-category', 'Seats'], ['min-price', '30']]) {
                const input = document.getElementById(id);
                input.value = text;
                input.dispatchEvent(new Event('input', { bubbles: true }));
              }
            }
            """);
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("\\?keyword=chair&category=Seats&min=30$"));
        await Expect(visitor.Status).ToHaveTextAsync("2 products for “chair”");
        await visitor.Page.GoBackAsync();
        await Expect(visitor.Status).ToHaveTextAsync("6 products");
        await visitor.SearchBox.FillAsync("1");
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("\\?keyword=1$"));
    }

    [Fact]
    public async Task An_address_with_nonsense_in_it_shows_the_list_all_the_same()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, Chair(1));
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.Page.GotoAsync("/products?page=x&sort=;drop");
        await Expect(visitor.Rows).ToHaveCountAsync(1);
        await visitor.Page.GotoAsync("/products?page=9");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "To the first page" }).ClickAsync();
        await Expect(visitor.Rows).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_search_that_finds_nothing_says_so_and_leads_back()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, Chair(1));
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.SearchBox.FillAsync("<b>table</b>");
        await Expect(visitor.Page.GetByText("No product has “<b>table</b>”")).ToBeVisibleAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Show all products" }).ClickAsync();
        await Expect(visitor.Rows).ToHaveCountAsync(1);
        await Expect(visitor.SearchBox).ToHaveValueAsync("");
    }

    private static async Task ExpectSecondPageAsync(Visitor visitor)
    {
        await Expect(visitor.Page.GetByText("Page 2 of 2")).ToBeVisibleAsync();
        await Expect(visitor.Rows).ToHaveCountAsync(5);
        await Expect(visitor.Rows.First).ToContainTextAsync("CH-21");
    }

    private static object Chair(int number) => new
    {
        name = $"Chair {number}",
        code = $"CH-{number:00}",
        attributes = new { category = number % 2 == 0 ? "Seats" : "Office", price = 10m * number },
    };
}
