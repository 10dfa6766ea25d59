using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace WebTests.Support;

/// <summary>Someone with a browser: does what people do, and notes what a page must not do.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly ConcurrentQueue<string> complaints = new();

    public Visitor(IBrowserContext context, IPage page, Uri address)
    {
        (this.context, Page) = (context, page);
        page.PageError += (_, error) => complaints.Enqueue($"script error: {error}");
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                complaints.Enqueue($"console {message.Type}: {message.Text}");
            }
        };
        page.Request += (_, request) =>
        {
            if (!address.IsBaseOf(new Uri(request.Url)) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                complaints.Enqueue($"asked elsewhere: {request.Url}");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Script errors, console errors and requests to other hosts.</summary>
    public IReadOnlyCollection<string> Complaints => complaints;

    public ILocator Rows => Page.GetByRole(AriaRole.Row).Filter(new() { Has = Page.GetByRole(AriaRole.Cell) });

    public ILocator SearchBox => Page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" });

    /// <summary>What the list says of itself.</summary>
    public ILocator Status => Page.GetByRole(AriaRole.Status).And(Page.Locator(".summary"));

    public async Task SignInAsync(string user, string tenant, string? role = null, bool isGlobal = false)
    {
        await Page.GotoAsync("/sign-in");
        await FillSignInAsync(user, tenant, role, isGlobal);
        await Assertions.Expect(Page).ToHaveURLAsync(new Regex("/products$"));
    }

    public async Task FillSignInAsync(string user, string tenant, string? role = null, bool isGlobal = false)
    {
        await Field("User").FillAsync(user);
        await Field("Tenant").FillAsync(tenant);
        if (role is not null)
        {
            await Page.GetByLabel("Role", new() { Exact = true }).SelectOptionAsync(role);
        }

        await Page.GetByLabel("The role holds everywhere").SetCheckedAsync(isGlobal);

        await Button("Sign in").ClickAsync();
    }

    /// <summary>Opens the form of a product.</summary>
    public async Task EditAsync(string sk)
    {
        await Page.GotoAsync($"/products/edit?sk={Uri.EscapeDataString(sk)}");
        await Assertions.Expect(Field("Name")).ToBeEnabledAsync();
    }

    /// <summary>The server forgets the page, as it does when a connection does not come back in time, and makes it again from what it had kept.</summary>
    public async Task BeginAnewAsync()
    {
        await Page.GetByRole(AriaRole.Main).EvaluateAsync("main => main.setAttribute('data-before', '')");
        await Page.EvaluateAsync("Blazor.pauseCircuit()");
        await Page.EvaluateAsync("Blazor.resumeCircuit()");
        await Assertions.Expect(Page.Locator("[data-before]")).ToHaveCountAsync(0);
    }

    public async Task CreateAsync(params (string Label, string Text)[] fields)
    {
        await Page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "New product" }).ClickAsync();
        await Assertions.Expect(Page).ToHaveURLAsync(new Regex("/products/new$"));
        foreach (var (label, text) in fields)
        {
            await Field(label).FillAsync(text);
        }

        await Button("Create").ClickAsync();
    }

    /// <summary>What is in the dialog: its role is known only inside the element.</summary>
    public ILocator Dialog => Page.Locator("fluent-dialog");

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name });

    public ILocator Field(string label) => Page.GetByRole(AriaRole.Textbox, new() { Name = label, Exact = true });

    /// <summary>What stands next to a field, as the field's own description.</summary>
    public Task ExpectErrorAtAsync(string label, string message) =>
        Assertions.Expect(Field(label)).ToHaveAccessibleDescriptionAsync(new Regex(Regex.Escape(message)));

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
