using System.Collections.Concurrent;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Cqrs.AspNetCore.Hosting;
using Cqrs.AspNetCore.Worker;
using Cqrs.Hosting;
using Cqrs.Items;
using Cqrs.Notifications;
using Cqrs.Postgres;
using Cqrs.Postgres.Hosting;
using Cqrs.Projection;
using Cqrs.Publishing;
using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Products;

namespace FaultTests.Support;

/// <summary>Tables and a database of their own in the stores of a stack.</summary>
public sealed record Place(FaultStack Stack, string Prefix, string ConnectionString)
{
    public TableNames Tables { get; } = new(Prefix);

    public static async Task<Place> NewAsync(FaultStack stack)
    {
        var name = $"f{Guid.NewGuid():N}"[..12];
        await stack.Postgres.ExecuteAsync($"CREATE DATABASE {name}");
        var connectionString = new NpgsqlConnectionStringBuilder(stack.ConnectionString) { Database = name, MaxPoolSize = 20 }.ConnectionString;
        return new Place(stack, $"{name}-", connectionString);
    }
}

/// <summary>The parts of the worker in this process. They do nothing by themselves until they are started.</summary>
public sealed class Parts : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly AmazonDynamoDBClient _dynamoDb;

    private Parts(Place place, WebApplication app, AmazonDynamoDBClient dynamoDb) => (Place, _app, _dynamoDb) = (place, app, dynamoDb);

    public Place Place { get; }

    public IServiceProvider Services => _app.Services;

    public IAmazonDynamoDB Dynamo => _dynamoDb;

    public NpgsqlDataSource Postgres => Services.GetRequiredService<NpgsqlDataSource>();

    public CommandService Commands => Of<CommandService>();

    public Oracle Oracle => new(Dynamo, Place.Tables, FaultStack.Module, Postgres);

    internal Projector Projector => Of<Projector>();

    internal RecordedAlarms Alarms => Services.GetRequiredService<RecordedAlarms>();

    internal RecordedLog Log => Services.GetRequiredService<RecordedLog>();

    public Uri Address => new(_app.Urls.First());

    /// <param name="place">Where the parts work.</param>
    /// <param name="configure">Adds or replaces services and settings.</param>
    /// <param name="addModules">Adds the modules; those of the application if null.</param>
    /// <param name="setUp">Whether to create tables and migrate at once; a host that is started does it by itself.</param>
    public static async Task<Parts> CreateAsync(
        Place place, Action<WebApplicationBuilder>? configure = null, Action<WebApplicationBuilder>? addModules = null, bool setUp = true)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Tables:Prefix"] = place.Prefix,
            ["ConnectionStrings:productdb"] = place.ConnectionString,
            ["Stream:RenewInterval"] = "00:00:00.500",
            ["Stream:LeaseTimeout"] = "00:00:02",
            ["Stream:DiscoveryInterval"] = "00:00:00.100",
            ["Stream:MaintenanceInterval"] = "00:00:00.200",
        });

        var config = place.Stack.DynamoDbConfig();
        var dynamoDb = place.Stack.CreateDynamoDb();
        builder.Services.AddSingleton(config);
        builder.Services.AddSingleton<IAmazonDynamoDB>(dynamoDb);
        builder.Services.AddSingleton<RecordedAlarms>();
        builder.Services.AddSingleton<IAlarmPublisher>(provider => provider.GetRequiredService<RecordedAlarms>());
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<RecordedLog>();
        builder.Services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<RecordedLog>());

        (addModules ?? AddProducts)(builder);
        builder.AddCqrsWorker();
        var signing = new AwsSigningHandler(config, "dynamodb", new BasicAWSCredentials("local", "local")) { InnerHandler = new SocketsHttpHandler() };
        builder.Services.AddSingleton<IDynamoDbStreams>(
            new DynamoDbStreamsClient(new HttpClient(signing) { BaseAddress = place.Stack.DynamoDbEndpoint, Timeout = TimeSpan.FromSeconds(5) }));
        configure?.Invoke(builder);

        var app = builder.Build();
        app.MapPushedEvents();
        app.MapHealthChecks("/health");
        var parts = new Parts(place, app, dynamoDb);
        place.Stack.PostgresStarted += parts.ForgetConnections;
        if (setUp)
        {
            await app.Services.GetRequiredService<TableSetup>().EnsureTablesAsync(TestContext.Current.CancellationToken);
            await using var scope = app.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<ReadModelContext>().Database.MigrateAsync(TestContext.Current.CancellationToken);
        }

        return parts;
    }

    public T Of<T>(string module = "product")
        where T : class => Services.GetRequiredKeyedService<T>(module);

    public Task StartAsync() => _app.StartAsync(TestContext.Current.CancellationToken);

    /// <summary>As SIGTERM does it.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Place.Stack.PostgresStarted -= ForgetConnections;
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _dynamoDb.Dispose();
    }

    private static void AddProducts(WebApplicationBuilder builder)
    {
        builder.AddCqrs();
        builder.AddReadModel<ProductsContext>("productdb");
        builder.AddProducts();
    }

    private void ForgetConnections() => Postgres.Clear();
}

/// <summary>Keeps the alarms that were raised.</summary>
internal sealed class RecordedAlarms : IAlarmPublisher
{
    private readonly ConcurrentQueue<Alarm> _raised = new();

    public IReadOnlyList<Alarm> Raised => [.. _raised];

    public IEnumerable<Alarm> About(ItemKey key) => _raised.Where(alarm => alarm.Message.Contains(key.Id, StringComparison.Ordinal));

    public Task RaiseAsync(Alarm alarm, CancellationToken cancellationToken)
    {
        _raised.Enqueue(alarm);
        return Task.CompletedTask;
    }
}

/// <summary>Keeps warnings and errors that were logged.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception?.GetType().Name} {exception?.Message}");

    public void Dispose()
    {
        // Nothing is held.
    }
}
