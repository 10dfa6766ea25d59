using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTests.Accessibility;

namespace WebTests.Dashboard;

/// <summary>The dashboard of a local run, in the browser.</summary>
public sealed class DashboardTests(WebStack web, Axe axe) : IClassFixture<Axe>
{
    private static readonly string Pictures = Path.Combine(AppContext.BaseDirectory, "screenshots");

    private readonly List<string> findings = [];

    [Fact]
    public async Task A_request_is_followed_through_the_three_services_down_to_the_stores()
    {
        var tenant = WebStack.NewTenant();
        await using var ann = await web.SignInAsync(tenant);
        await ann.CreateAsync(("Name", "Traced chair"));
        await Expect(ann.Rows).ToHaveCountAsync(1);

        await using var visitor = await web.VisitAsync(address: web.Dashboard);
        await visitor.Page.GotoAsync("/");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Traces" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Filter" }).FillAsync("publish product");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
        var row = visitor.Rows.Filter(new() { HasText = "product-web, product-api, product-syncworker" }).First;
        await row.GetByRole(AriaRole.Link).ClickAsync();

        foreach (var (who, what) in new[]
        {
            ("product-web", "POST"),
            ("product-api", "POST /api/product/"),
            ("product-api", "publish product"),
            ("DynamoDB", "PutItem"),
            ("product-syncworker", "project product"),
            ("Postgres", "postgresql"),
        })
        {
            var span = Span(visitor, who, what);
            await Expect(span).ToBeVisibleAsync();
            Assert.True(await span.Locator("rect").EvaluateAsync<double>("bar => bar.getBoundingClientRect().width") >= 1, $"{who} has no bar.");
        }

        // What is opened stays open while spans still come, and says what was done.
        var statement = Span(visitor, "Postgres", "postgresql");
        await statement.ClickAsync();
        await Expect(statement.Locator("..").GetByText("INSERT INTO products")).ToBeVisibleAsync();
        await Expect(statement.Locator("..")).ToHaveAttributeAsync("open", "");
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task Resources_tell_their_state_and_are_stopped_and_started_from_the_page()
    {
        await using var visitor = await web.VisitAsync(address: web.Dashboard);
        await visitor.Page.GotoAsync("/");
        foreach (var name in new[] { "postgres", "productdb", "dynamodb", WebStack.Worker, WebStack.Api, "product-web" })
        {
            await Expect(Resource(visitor, name)).ToContainTextAsync(new Regex("Running.*Healthy", RegexOptions.Singleline));
        }

        await Expect(Resource(visitor, WebStack.Api).GetByRole(AriaRole.Link, new() { Name = web.ApiAddress.ToString().TrimEnd('/') })).ToBeVisibleAsync();

        await web.WithoutAsync(WebStack.Worker, async () =>
        {
            await Expect(Resource(visitor, WebStack.Worker)).ToContainTextAsync("Exited");
            await visitor.Button($"start {WebStack.Worker}").ClickAsync();
            await Expect(Resource(visitor, WebStack.Worker)).ToContainTextAsync("Healthy");
            await visitor.Button($"stop {WebStack.Worker}").ClickAsync();
            await Expect(Resource(visitor, WebStack.Worker)).ToContainTextAsync("Exited");
        });
        await Expect(Resource(visitor, WebStack.Worker)).ToContainTextAsync("Healthy");
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task A_command_of_a_resource_asks_for_what_it_needs_and_tells_what_it_did()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { name = "One" }, new { name = "Two" });
        await using var visitor = await web.VisitAsync(address: web.Dashboard);
        await visitor.Page.GotoAsync("/");
        var worker = Resource(visitor, WebStack.Worker);
        await worker.GetByText("Resync").First.ClickAsync();
        await worker.GetByLabel("Tenant").FillAsync(tenant);
        await worker.GetByRole(AriaRole.Button, new() { Name = "Resync" }).ClickAsync();
        await Expect(visitor.Page.GetByText($"2 items of {tenant} are written again.")).ToBeVisibleAsync();
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task What_a_service_writes_appears_by_itself()
    {
        await using var visitor = await web.VisitAsync(address: web.Dashboard);
        await visitor.Page.GotoAsync("/");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = WebStack.Worker, Exact = true }).ClickAsync();
        var log = visitor.Page.GetByRole(AriaRole.Region, new() { Name = $"Log of {WebStack.Worker}" });
        await Expect(log).ToContainTextAsync("Now listening on");
        var known = await log.Locator("span").CountAsync();

        await web.WithoutAsync(WebStack.Worker, () => Expect(log).ToContainTextAsync("Application is shutting down"));

        await Expect(log.Locator("span").Nth(known)).ToBeAttachedAsync();
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task No_page_tells_a_password()
    {
        var password = await web.DatabasePasswordAsync();
        using var client = new HttpClient { BaseAddress = web.Dashboard };
        foreach (var path in new[] { "/", "/traces", "/logs/postgres", "/logs/product-api/lines?after=0" })
        {
            var page = await client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.DoesNotContain(password, page, StringComparison.Ordinal);
            Assert.DoesNotContain("Password=", page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(LooksTests.Looks), MemberType = typeof(LooksTests))]
    public async Task Every_page_fits_the_screen_and_is_accessible(string lookName)
    {
        var look = Look.All.Single(one => one.Name == lookName);
        using var writer = await web.ApiClientAsync("ann", WebStack.NewTenant());
        using var answer = await writer.PostAsJsonAsync("/api/product", new { name = "Traced" }, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);

        await using var visitor = await web.VisitAsync(look, web.Dashboard);
        await visitor.Page.GotoAsync("/");
        await TakeAsync(visitor, look, "resources");
        await visitor.Page.GotoAsync($"/logs/{WebStack.Api}");
        await TakeAsync(visitor, look, "logs");
        await visitor.Page.GotoAsync("/traces?filter=project%20product");
        await Expect(visitor.Rows).Not.ToHaveCountAsync(0);
        await TakeAsync(visitor, look, "traces");
        await visitor.Rows.First.GetByRole(AriaRole.Link).ClickAsync();
        await Span(visitor, "product-syncworker", "project product").First.ClickAsync();
        await TakeAsync(visitor, look, "trace");
        Assert.Empty(findings);
        Assert.Empty(visitor.Complaints);
    }

    private static ILocator Resource(Visitor visitor, string name) =>
        visitor.Page.GetByRole(AriaRole.Row).Filter(new() { Has = visitor.Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }) });

    private static ILocator Span(Visitor visitor, string who, string what) => visitor.Page.Locator("summary")
        .Filter(new() { Has = visitor.Page.Locator("b", new() { HasTextString = who }) })
        .Filter(new() { HasText = what })
        .First;

    private async Task TakeAsync(Visitor visitor, Look look, string name)
    {
        Assert.True(
            await visitor.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"),
            $"{name} is wider than the screen.");
        await visitor.Page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"dashboard-{name}-{look.Name}.png"), FullPage = true });
        if (look.IsHeldAccessible)
        {
            findings.AddRange((await axe.FindAsync(visitor.Page)).Select(finding => $"{name}: {finding}"));
        }
    }
}
