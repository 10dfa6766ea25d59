using Amazon.DynamoDBv2;
using Amazon.Runtime;
using AppHostRuns;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Cqrs.Tables;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace FaultTests.Support;

/// <summary>The whole application, whose parts the tests stop and kill; every test leaves it whole.</summary>
public class FaultStack : IAsyncLifetime
{
    public const string DynamoDb = "dynamodb";
    public const string PostgresServer = "postgres";
    public const string Worker = "product-syncworker";
    public const string Api = "product-api";

    public static readonly CqrsModule Module = new("product", "PRODUCT");

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private DistributedApplication? _app;
    private NpgsqlDataSource? _postgres;
    private AmazonDynamoDBClient? _dynamoDb;

    /// <summary>Postgres has been started again: connections that were open are not any more.</summary>
    public event Action? PostgresStarted;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The stack is not started.");

    public NpgsqlDataSource Postgres => _postgres ?? throw new InvalidOperationException("The stack is not started.");

    public IAmazonDynamoDB Dynamo => _dynamoDb ?? throw new InvalidOperationException("The stack is not started.");

    public TableNames Tables { get; } = new();

    public Uri DynamoDbEndpoint => App.GetEndpoint(DynamoDb, "http");

    public string ConnectionString { get; private set; } = "";

    /// <summary>Compares the stack's read models with its commands.</summary>
    public Oracle Oracle => new(Dynamo, Tables, Module, Postgres);

    protected virtual IReadOnlyList<string> Arguments => [];

    /// <summary>
    /// Settings of the services. Leases are short here: a worker that was killed holds its shard until its lease runs out, and it is killed
    /// often. How long that takes by default is measured with a stack of its own.
    /// </summary>
    protected virtual IReadOnlyDictionary<string, string> Settings => ShortLeases;

    protected static Dictionary<string, string> ShortLeases => new()
    {
        ["Stream__LeaseTimeout"] = "00:00:02",
        ["Stream__RenewInterval"] = "00:00:00.500",
        ["Stream__DiscoveryInterval"] = "00:00:00.250",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = await AppHostRun.CreateAsync(Arguments, timeout.Token);
        foreach (var service in builder.Resources.OfType<ProjectResource>())
        {
            foreach (var (name, value) in Settings)
            {
                builder.CreateResourceBuilder(service).WithEnvironment(name, value);
            }
        }

        _app = await builder.BuildAsync(timeout.Token);
        await _app.StartAsync(timeout.Token);
        await WaitUntilHealthyAsync(Worker, timeout.Token);
        await WaitUntilHealthyAsync(Api, timeout.Token);
        ConnectionString = await _app.GetConnectionStringAsync("productdb", timeout.Token)
            ?? throw new InvalidOperationException("The database has no connection string.");
        _postgres = NpgsqlDataSource.Create($"{ConnectionString};Command Timeout=5;Timeout=5;Maximum Pool Size=10");
        _dynamoDb = CreateDynamoDb();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _dynamoDb?.Dispose();
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    /// <summary>A tenant that no other test has.</summary>
    public static string NewTenant() => $"t-{Guid.NewGuid():N}"[..18];

    public AmazonDynamoDBConfig DynamoDbConfig() => new()
    {
        ServiceURL = DynamoDbEndpoint.ToString(),
        AuthenticationRegion = "us-east-1",
        Timeout = TimeSpan.FromSeconds(5),
        MaxErrorRetry = 2,
    };

    public AmazonDynamoDBClient CreateDynamoDb() => new(new BasicAWSCredentials("local", "local"), DynamoDbConfig());

    /// <summary>The API in the name of a user of a tenant.</summary>
    public async Task<ApiClient> ClientAsync(string? tenant = null, string query = "user=anna")
    {
        tenant ??= NewTenant();
        using var http = App.CreateHttpClient(Api);
        var token = await http.GetStringAsync($"/dev/token?{query}&tenant={tenant}", Cancellation);
        return new ApiClient(App.CreateHttpClient(Api), tenant, token);
    }

    /// <summary>The API in the name of who may see the operations of all tenants.</summary>
    public Task<ApiClient> OperatorAsync() => ClientAsync(query: "user=olga&role=system_admin&global=true");

    /// <summary>What <c>/health</c> of a service answers; 0 if it does not.</summary>
    public async Task<int> HealthAsync(string service)
    {
        using var http = App.CreateHttpClient(service);
        http.Timeout = TimeSpan.FromSeconds(5);
        try
        {
            using var response = await http.GetAsync(new Uri("/health", UriKind.Relative), Cancellation);
            return (int)response.StatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException && !Cancellation.IsCancellationRequested)
        {
            return 0;
        }
    }

    public int PidOf(string resource) => App.ProcessOf(resource);

    /// <summary>The memory that the process of a resource holds now.</summary>
    public double ResidentMb(string resource) => App.MemoryOf(resource).Now;

    public async Task KillAsync(string resource)
    {
        await WaitForProcessAsync(resource);
        Signals.KillNow(PidOf(resource));
        await WaitUntilAsync(resource, now => KnownResourceStates.TerminalStates.Contains(now.State?.Text), Cancellation);
    }

    /// <summary>Stops the process of a resource from running, until what is returned is disposed of.</summary>
    internal async Task<Signals.Frozen> FreezeAsync(string resource)
    {
        await WaitForProcessAsync(resource);
        return Signals.Freeze(PidOf(resource));
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public Task StopAsync(string resource) => ExecuteAsync(resource, KnownResourceCommands.StopCommand);

    /// <summary>Starts it, and waits until there is a process.</summary>
    public async Task LaunchAsync(string resource)
    {
        await ExecuteAsync(resource, KnownResourceCommands.StartCommand);
        await WaitUntilAsync(resource, now => now.State?.Text == KnownResourceStates.Running, Cancellation);
        await WaitForProcessAsync(resource);
    }

    /// <summary>Starts it, and waits until it is healthy.</summary>
    public async Task StartAsync(string resource)
    {
        await ExecuteAsync(resource, KnownResourceCommands.StartCommand);
        // The health that is known may still be that of the process before.
        await WaitForProcessAsync(resource);
        await WaitUntilHealthyAsync(resource, Cancellation);
        if (resource == PostgresServer)
        {
            // A worker does not start while it is thought to have no database.
            await WaitUntilHealthyAsync("productdb", Cancellation);
            Postgres.Clear();
            PostgresStarted?.Invoke();
        }
    }

    public async Task WaitUntilHealthyAsync(string resource, CancellationToken cancellationToken)
    {
        try
        {
            await WaitUntilAsync(
                resource,
                now => now.State?.Text == KnownResourceStates.Running && now.HealthStatus == HealthStatus.Healthy,
                cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException(
                $"The resource {resource} did not become healthy. Its last lines:\n{string.Join('\n', await App.LinesOfAsync(resource))}", fault);
        }
    }

    // The state "running" is that of the command which then starts the process.
    private Task WaitForProcessAsync(string resource) =>
        Eventually.IsTrueAsync($"{resource} has a process", () => Task.FromResult(App.FindProcessOf(resource) is not null), StartTimeout);

    // Of one replica, if it is given by its id.
    private async Task WaitUntilAsync(string resource, Func<CustomResourceSnapshot, bool> until, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        await foreach (var change in App.ResourceNotifications.WatchAsync(timeout.Token))
        {
            if ((change.Resource.Name == resource || change.ResourceId == resource) && until(change.Snapshot))
            {
                return;
            }
        }
    }

    private Task ExecuteAsync(string resource, string command) => App.ExecuteAsync(resource, command, Cancellation);
}
