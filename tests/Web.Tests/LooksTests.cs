using System.Net.Http.Json;
using Microsoft.Playwright;
using WebTests.Accessibility;

namespace WebTests;

/// <summary>
/// Goes through every page in every look: takes a picture to be looked at, and holds what a picture does not show. Accessibility is held in
/// two looks that differ in everything.
/// </summary>
public sealed class LooksTests(WebStack web, Axe axe) : IClassFixture<Axe>
{
    private static readonly string Pictures = Path.Combine(AppContext.BaseDirectory, "screenshots");

    private readonly List<string> findings = [];

    public static TheoryData<string> Looks => [.. Look.All.Select(look => look.Name)];

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Every_page_fits_the_screen_is_accessible_and_loads_nothing_from_elsewhere(string lookName)
    {
        var look = Look.All.Single(one => one.Name == lookName);
        await using var visitor = await web.VisitAsync(look);
        var tenant = WebStack.NewTenant();
        await SigningInAsync(visitor, look, tenant);
        await ListingAsync(visitor, look, tenant);
        await EditingAsync(visitor, look, tenant);
        await HistoryAsync(visitor, look);
        await ImportingAsync(visitor, look);
        await OperatingAsync(visitor, look);
        Assert.Empty(visitor.Complaints);

        await visitor.Page.GotoAsync("/nowhere");
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "There is no such page" })).ToBeVisibleAsync();
        await TakeAsync(visitor, look, "not-found");
        Assert.Empty(findings);
    }

    [Fact]
    public async Task What_is_not_accessible_is_found()
    {
        await using var visitor = await web.VisitAsync();
        await visitor.Page.GotoAsync("/sign-in");
        Assert.Empty(await axe.FindAsync(visitor.Page));
        await visitor.Page.EvaluateAsync("() => document.querySelector('label[for=tenant]').remove()");
        Assert.Contains("label: ", Assert.Single(await axe.FindAsync(visitor.Page)));
    }

    private async Task SigningInAsync(Visitor visitor, Look look, string tenant)
    {
        await visitor.Page.GotoAsync("/sign-in");
        await TakeAsync(visitor, look, "sign-in");
        await visitor.FillSignInAsync("", "");
        await visitor.ExpectErrorAtAsync("User", "required");
        await TakeAsync(visitor, look, "sign-in-errors");
        await visitor.FillSignInAsync("ann", tenant, "system_admin", isGlobal: true);
    }

    private async Task ListingAsync(Visitor visitor, Look look, string tenant)
    {
        await Expect(visitor.Page.GetByText("There are no products yet.")).ToBeVisibleAsync();
        await TakeAsync(visitor, look, "list-empty");
        await web.AddProductsAsync(tenant, [.. Enumerable.Range(1, 23).Select(Something)]);
        await visitor.Page.GotoAsync("/products?sort=price&deleted=1");
        await Expect(visitor.Rows).ToHaveCountAsync(20);
        await TakeAsync(visitor, look, "list");
        await visitor.Field("Price from").FillAsync("cheap");
        await visitor.ExpectErrorAtAsync("Price from", "number");
        await TakeAsync(visitor, look, "list-filter-refused");
        await visitor.Field("Price from").ClearAsync();
        await visitor.SearchBox.FillAsync("nothing like it");
        await Expect(visitor.Page.GetByText("No product has")).ToBeVisibleAsync();
        await TakeAsync(visitor, look, "list-nothing-found");
    }

    private async Task EditingAsync(Visitor visitor, Look look, string tenant)
    {
        await visitor.Page.GotoAsync("/products/new");
        await Expect(visitor.Field("Name")).ToBeEnabledAsync();
        await TakeAsync(visitor, look, "create");
        await visitor.Field("Price").FillAsync("12,50");
        await visitor.Button("Create").ClickAsync();
        await visitor.ExpectErrorAtAsync("Name", "required");
        await TakeAsync(visitor, look, "create-errors");

        await visitor.EditAsync("p-3");
        await TakeAsync(visitor, look, "edit");
        await visitor.Field("Name").FillAsync("A name of mine");
        await visitor.Field("Description").FillAsync("Mine only");
        using var bob = await web.ApiClientAsync("bob", tenant);
        using var saved = await bob.PostAsJsonAsync(
            "/api/product",
            new { sk = "p-3", version = 1, name = "A name of theirs", attributes = new { category = "Chairs", price = 29.85m } },
            TestContext.Current.CancellationToken);
        await Expect(visitor.Page.GetByText("bob saved version 2")).ToBeVisibleAsync();
        await TakeAsync(visitor, look, "edit-newer");
        await visitor.Button("Save").ClickAsync();
        await Expect(visitor.Dialog).ToContainTextAsync("bob saved version 2");
        await TakeAsync(visitor, look, "conflict");
        await visitor.Dialog.GetByRole(AriaRole.Button, new() { Name = "All mine" }).ClickAsync();
        await visitor.Dialog.GetByRole(AriaRole.Button, new() { Name = "Save what is chosen" }).ClickAsync();
        await Expect(visitor.Page.GetByText("Saved as version 3.")).ToBeVisibleAsync();
        await visitor.Button("Delete").ClickAsync();
        await Expect(visitor.Page.GetByText("is deleted.")).ToBeVisibleAsync();
        await Expect(visitor.Rows).ToHaveCountAsync(20);
        await TakeAsync(visitor, look, "list-undo");
        await visitor.EditAsync("p-3");
        await TakeAsync(visitor, look, "edit-deleted");
    }

    private async Task HistoryAsync(Visitor visitor, Look look)
    {
        await visitor.Page.GotoAsync("/products/history?sk=p-3&from=1&to=3");
        await Expect(visitor.Button("Roll back to version 1")).ToBeEnabledAsync();
        await TakeAsync(visitor, look, "history");
    }

    private async Task ImportingAsync(Visitor visitor, Look look)
    {
        await visitor.Page.GotoAsync("/products/import");
        var input = visitor.Page.GetByLabel("Drop a file here, or choose one");
        await Expect(input).ToBeEnabledAsync();
        await TakeAsync(visitor, look, "import");
        await input.SetInputFilesAsync(new FilePayload
        {
            Name = "products.csv",
            MimeType = "text/csv",
            Buffer = "sk,name,price\na,Chair,12.50\nb,Table,cheap\nc,,1\n"u8.ToArray(),
        });
        await visitor.Button("Import").ClickAsync();
        await Expect(visitor.Button("Download report")).ToBeVisibleAsync();
        await TakeAsync(visitor, look, "import-done");
    }

    private async Task OperatingAsync(Visitor visitor, Look look)
    {
        await visitor.Page.GotoAsync("/operations");
        await visitor.Button("Resync").ClickAsync();
        await Expect(visitor.Page.GetByText("Done:")).ToBeVisibleAsync();
        await TakeAsync(visitor, look, "operations");
    }

    private async Task TakeAsync(Visitor visitor, Look look, string name)
    {
        var page = visitor.Page;
        await page.EvaluateAsync("() => customElements.whenDefined('fluent-button')");
        Assert.True(
            await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"),
            $"{name} is wider than the screen.");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"{name}-{look.Name}.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
        if (look.IsHeldAccessible)
        {
            findings.AddRange((await axe.FindAsync(page)).Select(finding => $"{name}: {finding}"));
        }
    }

    private static object Something(int number) => new
    {
        sk = $"p-{number}",
        name = number == 3 ? "A name that goes on for longer than anybody thought a name of a product would ever go on" : $"Product {number}",
        code = $"P-{number:000}",
        isDeleted = number == 5,
        attributes = new { category = number % 3 == 0 ? null : "Furniture", price = number % 5 == 0 ? (decimal?)null : 9.95m * number },
    };
}
