using System.Diagnostics;
using System.Globalization;
using System.Net;
using AppHostRuns;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(StackTests.Support.Stack))]

namespace StackTests.Support;

/// <summary>
/// The whole application, started by its own AppHost: once for all tests, which keep out of each other's way by tenant; tests that stop
/// parts of it start one of their own.
/// </summary>
public sealed class Stack : IAsyncLifetime
{
    public const string DynamoDb = "dynamodb";
    public const string PostgresServer = "postgres";
    public const string Worker = "product-syncworker";
    public const string Api = "product-api";
    public const string Web = "product-web";

    private const string DashboardName = "aspire-dashboard";

    /// <summary>Every resource, the database among them.</summary>
    public static readonly string[] Resources = [DynamoDb, PostgresServer, "productdb", Worker, Api, Web];

    /// <summary>How much memory each of the services may take for what it holds: whatever is asked of it, it must do with that.</summary>
    public const long MaxHeapBytes = 384 * 1024 * 1024;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private DistributedApplication? _app;
    private NpgsqlDataSource? _postgres;
    private SnsStub? _sns;
    private Dashboard? _dashboard;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The stack is not started.");

    public NpgsqlDataSource Postgres => _postgres ?? throw new InvalidOperationException("The stack is not started.");

    /// <summary>Plays SNS to the services.</summary>
    internal SnsStub Sns => _sns ?? throw new InvalidOperationException("The stack is not started.");

    /// <summary>Has what the services export.</summary>
    internal Dashboard Dashboard => _dashboard ?? throw new InvalidOperationException("The stack is not started.");

    /// <summary>How long a client has to make room for events.</summary>
    public static TimeSpan WriteTimeout => TimeSpan.FromSeconds(4);

    public string ConnectionString { get; private set; } = "";

    /// <summary>Where services export their telemetry to, by gRPC.</summary>
    public Uri Collector => App.GetEndpoint(DashboardName, "otlp-grpc");

    public Uri DynamoDbEndpoint => App.GetEndpoint(DynamoDb, "http");

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = await AppHostRun.CreateAsync(Dashboard.Arguments(), timeout.Token, withDashboard: true);
        _sns = await SnsStub.StartAsync(timeout.Token);
        foreach (var service in builder.Resources.OfType<ProjectResource>())
        {
            builder.CreateResourceBuilder(service)
                .WithEnvironment("DOTNET_GCHeapHardLimit", MaxHeapBytes.ToString("x", CultureInfo.InvariantCulture))
                .WithEnvironment("AWS_ENDPOINT_URL_SNS", _sns.Endpoint.ToString())
                .WithEnvironment("Alarms__TopicArn", SnsStub.AlarmTopic)
                .WithEnvironment("Events__TopicArn", SnsStub.EventTopic)
                .WithEnvironment("RateLimit__Events__PerUser", "20")
                .WithEnvironment("Events__Heartbeat", "00:00:01")
                .WithEnvironment("Events__WriteTimeout", WriteTimeout.ToString());
        }

        _app = await builder.BuildAsync(timeout.Token);
        await _app.StartAsync(timeout.Token);
        foreach (var resource in Resources)
        {
            await WaitUntilHealthyAsync(resource, timeout.Token);
        }

        _dashboard = new Dashboard(_app.GetEndpoint(DashboardName, "http"));
        ConnectionString = await _app.GetConnectionStringAsync("productdb", timeout.Token)
            ?? throw new InvalidOperationException("The database has no connection string.");
        _postgres = NpgsqlDataSource.Create(ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_sns is not null)
        {
            await _sns.DisposeAsync();
        }

        _dashboard?.Dispose();
    }

    /// <summary>A tenant that no other test has.</summary>
    public static string NewTenant() => $"t-{Guid.NewGuid():N}"[..18];

    /// <summary>The API in the name of a user.</summary>
    /// <param name="tenant">The user's tenant; one of its own if null.</param>
    /// <param name="user">The user.</param>
    /// <param name="role">The user's role in the tenant, if any.</param>
    public async Task<ApiClient> ClientAsync(string? tenant = null, string user = "anna", string? role = null)
    {
        tenant ??= NewTenant();
        return Client(tenant, await TokenAsync($"user={user}&tenant={tenant}&role={role}"));
    }

    /// <summary>The API with any token, or none.</summary>
    public ApiClient Client(string tenant, string? token) => new(App.CreateHttpClient(Api, "http"), tenant, token);

    /// <summary>A token of the development issuer.</summary>
    public async Task<string> TokenAsync(string query)
    {
        using var http = App.CreateHttpClient(Api, "http");
        return await http.GetStringAsync($"/dev/token?{query}", TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until the worker has done what earlier tests left to it.</summary>
    public async Task WaitUntilIdleAsync() => await Eventually.IsTrueAsync(
        "what is written is in Postgres within half a second",
        async () =>
        {
            var client = await ClientAsync();
            var started = Stopwatch.GetTimestamp();
            (await client.PostAsync(new { sk = "idle", name = "Idle" })).Is(HttpStatusCode.Created);
            await Postgres.RowAsync(client.IdOf("idle"), 1, TimeSpan.FromMinutes(1));
            return Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(0.5);
        },
        TimeSpan.FromMinutes(1));

    /// <summary>The memory that the process of a resource holds now.</summary>
    public double ResidentMb(string resource) => App.MemoryOf(resource).Now;

    public async Task StopAsync(string resource) => await ExecuteAsync(resource, KnownResourceCommands.StopCommand);

    /// <summary>Starts a resource that was stopped, and waits until it is healthy.</summary>
    public async Task StartAsync(string resource)
    {
        await ExecuteAsync(resource, KnownResourceCommands.StartCommand);
        await WaitUntilHealthyAsync(resource, TestContext.Current.CancellationToken);
        // Our own connections to a Postgres that was stopped are dead.
        Postgres.Clear();
    }

    private Task ExecuteAsync(string resource, string command) => App.ExecuteAsync(resource, command, TestContext.Current.CancellationToken);

    private async Task WaitUntilHealthyAsync(string resource, CancellationToken cancellationToken)
    {
        try
        {
            await App.ResourceNotifications.WaitForResourceHealthyAsync(resource, cancellationToken).WaitAsync(StartTimeout, cancellationToken);
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException(
                $"The resource {resource} did not become healthy. Its last lines:\n{string.Join('\n', await LinesOfAsync(resource))}", fault);
        }
    }

    /// <summary>What a resource has written to the console.</summary>
    public Task<IReadOnlyList<string>> LinesOfAsync(string resource) => App.LinesOfAsync(resource);

    /// <summary>Waits until a trace has what is asked for: its spans come as they end.</summary>
    internal Task<ExportedTrace> TraceAsync(string traceId, string expected, Func<ExportedTrace, bool> until) => Eventually.GetAsync(
        $"trace {traceId} has {expected}", () => Dashboard.TraceAsync(traceId, TestContext.Current.CancellationToken), until);
}
