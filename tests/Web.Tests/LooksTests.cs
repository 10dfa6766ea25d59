using Microsoft.Playwright;

namespace WebTests;

/// <summary>Takes a picture of every page in every look, to be looked at; and holds what a picture does not show.</summary>
public sealed class LooksTests(WebStack web)
{
    private static readonly string Pictures = Path.Combine(AppContext.BaseDirectory, "screenshots");

    public static TheoryData<string> Looks => [.. Look.All.Select(look => look.Name)];

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Every_page_fits_the_screen_and_loads_nothing_from_elsewhere(string lookName)
    {
        var look = Look.All.Single(one => one.Name == lookName);
        await using var visitor = await web.VisitAsync(look);
        var page = visitor.Page;

        await page.GotoAsync("/sign-in");
        await TakeAsync("sign-in");
        await visitor.FillSignInAsync("", "");
        await TakeAsync("sign-in-errors");
        var tenant = WebStack.NewTenant();
        await visitor.FillSignInAsync("ann", tenant, "admin");
        await Expect(page.GetByText("There are no products yet.")).ToBeVisibleAsync();
        await TakeAsync("list-empty");

        await web.AddProductsAsync(tenant, [.. Enumerable.Range(1, 23).Select(Something)]);
        await page.GotoAsync("/products?sort=price");
        await Expect(visitor.Rows).ToHaveCountAsync(20);
        await TakeAsync("list");
        await visitor.SearchBox.FillAsync("nothing like it");
        await Expect(page.GetByText("No product has")).ToBeVisibleAsync();
        await TakeAsync("list-nothing-found");

        await page.GotoAsync("/products/new");
        await Expect(visitor.Field("Name")).ToBeEnabledAsync();
        await TakeAsync("create");
        await visitor.Field("Price").FillAsync("12,50");
        await visitor.Button("Create").ClickAsync();
        await visitor.ExpectErrorAtAsync("Name", "required");
        await TakeAsync("create-errors");

        Assert.Empty(visitor.Complaints);
        await page.GotoAsync("/nowhere");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "There is no such page" })).ToBeVisibleAsync();
        await TakeAsync("not-found");

        async Task TakeAsync(string name)
        {
            await page.EvaluateAsync("() => customElements.whenDefined('fluent-button')");
            Assert.True(
                await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"),
                $"{name} is wider than the screen.");
            await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"{name}-{lookName}.png"), FullPage = true });
        }
    }

    private static object Something(int number) => new
    {
        name = number == 3 ? "A name that goes on for longer than anybody thought a name of a product would ever go on" : $"Product {number}",
        code = $"P-{number:000}",
        attributes = new { category = number % 3 == 0 ? null : "Furniture", price = number % 5 == 0 ? (decimal?)null : 9.95m * number },
    };
}
