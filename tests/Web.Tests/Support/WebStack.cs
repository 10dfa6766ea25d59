using System.Net.Http.Headers;
using System.Net.Http.Json;
using AppHostRuns;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using Npgsql;

[assembly: AssemblyFixture(typeof(WebTests.Support.WebStack))]
// Some of the tests stop a part of the stack that all share.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace WebTests.Support;

/// <summary>The whole application and a browser: started once; tests keep out of each other's way by tenant.</summary>
public sealed class WebStack : IAsyncLifetime
{
    public const string Api = "product-api";
    public const string Worker = "product-syncworker";

    private const string Web = "product-web";
    private const float ExpectTimeout = 20_000;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(4);

    private DistributedApplication? app;
    private IPlaywright? playwright;
    private IBrowser? browser;
    private Dashboard? dashboard;

    public Uri Address => App.GetEndpoint(Web, "http");

    public Uri ApiAddress => App.GetEndpoint(Api, "http");

    /// <summary>Aspire's dashboard of the stack.</summary>
    internal Dashboard Dashboard => dashboard ?? throw new InvalidOperationException("The stack is not started.");

    private DistributedApplication App => app ?? throw new InvalidOperationException("The stack is not started.");

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(ExpectTimeout);
        playwright = await Playwright.CreateAsync();
        browser = await Chromium.LaunchAsync(playwright);

        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = await AppHostRun.CreateAsync(Dashboard.Arguments(), timeout.Token, withDashboard: true);
        app = await builder.BuildAsync(timeout.Token);
        await app.StartAsync(timeout.Token);
        await app.WaitUntilHealthyAsync(timeout.Token);
        dashboard = new Dashboard(app.GetEndpoint("aspire-dashboard", "http"));
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        dashboard?.Dispose();
        if (app is not null)
        {
            await app.DisposeAsync();
        }
    }

    /// <summary>A tenant that no other test has.</summary>
    public static string NewTenant() => $"t-{Guid.NewGuid():N}"[..12];

    /// <summary>Someone with a browser of their own, not signed in.</summary>
    public async Task<Visitor> VisitAsync(Look? look = null, Uri? address = null)
    {
        address ??= Address;
        look ??= Look.Desktop;
        var context = await browser!.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ViewportSize = new() { Width = look.Width, Height = look.Height },
            ColorScheme = look.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            IgnoreHTTPSErrors = true,
        });
        context.SetDefaultTimeout(ExpectTimeout);
        return new(context, await context.NewPageAsync(), address);
    }

    public async Task<Visitor> SignInAsync(string? tenant = null, string user = "ann", Look? look = null, string? globalRole = null)
    {
        var visitor = await VisitAsync(look);
        await visitor.SignInAsync(user, tenant ?? NewTenant(), globalRole, isGlobal: globalRole is not null);
        return visitor;
    }

    /// <summary>Puts products into a tenant without the browser, and waits until search knows them.</summary>
    public async Task AddProductsAsync(string tenant, params object[] products)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var writer = await ApiClientAsync("importer", tenant);
        using var answer = await writer.PostAsJsonAsync("/api/product/bulk", products, cancellation);
        Assert.Equal(200, (int)answer.StatusCode);

        // Someone else: the writer is shown their own writes before search knows them.
        using var reader = await ApiClientAsync("reader", tenant);
        await Eventually.IsTrueAsync(
            $"search knows the {products.Length} products of {tenant}",
            async () => (await reader.GetFromJsonAsync<Found>("/api/product/data?pageSize=1&includeDeleted=true", cancellation))!.Total >= products.Length);
    }

    /// <summary>A plain HTTP client of the Web: no browser, no redirects, no cookies.</summary>
    public HttpClient PlainClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };

    /// <summary>Stops a part of the stack, does something, and starts it again, whatever happens.</summary>
    public async Task WithoutAsync(string resource, Func<Task> work)
    {
        await ExecuteAsync(resource, KnownResourceCommands.StopCommand);
        try
        {
            await work();
        }
        finally
        {
            await ExecuteAsync(resource, KnownResourceCommands.StartCommand);
            await App.ResourceNotifications.WaitForResourceHealthyAsync(resource, CancellationToken.None).WaitAsync(StartTimeout, CancellationToken.None);
        }
    }

    /// <summary>The read model's database.</summary>
    public async Task ExecuteSqlAsync(string sql)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var database = NpgsqlDataSource.Create((await App.GetConnectionStringAsync("productdb", cancellation))!);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<string> DatabasePasswordAsync() => new NpgsqlConnectionStringBuilder(
        await App.GetConnectionStringAsync("productdb", TestContext.Current.CancellationToken)).Password!;

    /// <summary>The API as another program of a user calls it.</summary>
    public async Task<HttpClient> ApiClientAsync(string user, string tenant)
    {
        var client = App.CreateHttpClient(Api, "http");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync($"user={user}&tenant={tenant}"));
        return client;
    }

    public async Task<string> TokenAsync(string query)
    {
        using var client = App.CreateHttpClient(Api, "http");
        return await client.GetStringAsync($"/dev/token?{query}", CancellationToken.None);
    }

    private Task ExecuteAsync(string resource, string command) => App.ExecuteAsync(resource, command, CancellationToken.None);

    private sealed record Found(long Total);
}
