using System.Net.Http.Json;
using Microsoft.Playwright;

namespace WebTests;

/// <summary>A second click before the first is answered does no harm; a page that breaks all the same says so.</summary>
public sealed class HastyClickTests(WebStack web)
{
    private readonly string tenant = WebStack.NewTenant();

    [Fact]
    public async Task Undo()
    {
        await using var visitor = await EditAsync();
        await visitor.Button("Delete").ClickAsync();
        await ClickTwiceAsync(visitor.Button("Undo"));
        await Expect(visitor.Rows).ToHaveCountAsync(1);
        await Expect(visitor.Button("Undo")).ToHaveCountAsync(0);
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Products" })).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Older_versions_and_roll_back()
    {
        await using var visitor = await EditAsync(versions: 60);
        await visitor.Page.GotoAsync("/products/history?sk=one");
        await ClickTwiceAsync(visitor.Button("Older versions"));
        await Expect(visitor.Page.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(60);
        await ClickTwiceAsync(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Roll back to version 1", Exact = true }));
        // A second click that comes after the answer to the first changes nothing, and says so.
        await Expect(visitor.Page.GetByText("version 61 has the content of version 1")).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(61);
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Save_what_is_chosen()
    {
        await using var visitor = await EditAsync();
        await visitor.Field("Price").FillAsync("3");
        await AddVersionAsync(2);
        await visitor.Button("Save").ClickAsync();
        await ClickTwiceAsync(visitor.Dialog.GetByRole(AriaRole.Button, new() { Name = "Save what is chosen" }));
        await Expect(visitor.Page.GetByText("Saved as version 3.")).ToBeVisibleAsync();
        await Expect(visitor.Field("Price")).ToHaveValueAsync("3");
    }

    [Fact]
    public async Task A_page_that_cannot_go_on_says_so_and_can_be_loaded_again()
    {
        await using var visitor = await EditAsync();
        // What somebody's browser extension may do: the next thing to be put in has no place.
        await visitor.Page.EvaluateAsync("""
            () => [...document.querySelector('.narrow').childNodes].filter(node => node.nodeType === Node.COMMENT_NODE).forEach(node => node.remove())
            """);
        await visitor.Field("Name").FillAsync("");
        await visitor.Field("Name").FillAsync("Two");
        await visitor.Button("Save").ClickAsync();
        await Expect(visitor.Page.GetByText("This page has stopped working.")).ToBeVisibleAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Load it again" }).ClickAsync();
        await Expect(visitor.Page.GetByText("This page has stopped working.")).ToBeHiddenAsync();
        await Expect(visitor.Field("Name")).ToBeEnabledAsync();
    }

    private static async Task ClickTwiceAsync(ILocator button)
    {
        await Expect(button).ToBeEnabledAsync();
        await button.EvaluateAsync("button => { button.click(); button.click(); }");
    }

    private async Task<Visitor> EditAsync(int versions = 1)
    {
        await web.AddProductsAsync(tenant, new { sk = "one", name = "Name 1" });
        for (var version = 2; version <= versions; version++)
        {
            await AddVersionAsync(version);
        }

        var visitor = await web.SignInAsync(tenant);
        await visitor.EditAsync("one");
        return visitor;
    }

    private async Task AddVersionAsync(int version)
    {
        using var bob = await web.ApiClientAsync("bob", tenant);
        using var answer = await bob.PostAsJsonAsync(
            "/api/product", new { sk = "one", name = $"Name {version}", version = version - 1 }, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"The answer was {answer.StatusCode}.");
    }
}
