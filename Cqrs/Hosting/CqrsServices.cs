using Amazon.DynamoDBv2;
using Cqrs.CommandLog;
using Cqrs.Notifications;
using Cqrs.Operations;
using Cqrs.Projection;
using Cqrs.Publishing;
using Cqrs.Purging;
using Cqrs.Reading;
using Cqrs.Sessions;
using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cqrs.Hosting;

/// <summary>Registers the kernel and its modules.</summary>
public static class CqrsServices
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds what all modules share. Endpoint, region and credentials of DynamoDB come from the AWS SDK's usual places
    /// (<c>AWS_ENDPOINT_URL_DYNAMODB</c>, <c>AWS_REGION</c> and so on); <c>Tables:Prefix</c> names the tables.
    /// </summary>
    public static void AddCqrs(this IHostApplicationBuilder builder)
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new TableNames(configuration["Tables:Prefix"] ?? ""));
        services.TryAddSingleton(new AmazonDynamoDBConfig { Timeout = RequestTimeout, MaxErrorRetry = 2 });
        services.TryAddSingleton<IAmazonDynamoDB>(provider => new TracedDynamoDbClient(provider.GetRequiredService<AmazonDynamoDBConfig>()));
        services.TryAddSingleton<TableSetup>();
        services.TryAddSingleton<ShardLeaseStore>();
        services.TryAddSingleton(provider => new CommandReplay(
            DynamoDb(provider), Tables(provider), provider.GetServices<CqrsModule>(), provider.GetRequiredService<ShardLeaseStore>()));
        services.TryAddSingleton(provider => new ParkedCommands(provider, provider.GetServices<CqrsModule>()));
        services.AddSingleton<IAlarmPublisher, LogAlarmPublisher>();
        if (SnsTopic.Configured(configuration, "Alarms:TopicArn") is { } topic)
        {
            services.AddSingleton<IAlarmPublisher>(provider => new SnsAlarmPublisher(topic, Logger<SnsAlarmPublisher>(provider)));
        }
    }

    /// <summary>
    /// Adds a module and its handlers. Its services are singletons keyed by its name: <see cref="CommandService"/>,
    /// <see cref="DataService"/>, <see cref="Repository"/>, <see cref="HistoryService"/>, <see cref="CommandStatusService"/>,
    /// <see cref="PurgeService"/> and <see cref="Resync"/>.
    /// </summary>
    public static IServiceCollection AddCqrsModule(
        this IServiceCollection services, CqrsModule module, params IEnumerable<Func<IServiceProvider, IDataSyncHandler>> handlers)
    {
        services.AddSingleton(module);
        Add(provider => new CommandStore(DynamoDb(provider), Tables(provider), module, Logger<CommandStore>(provider)));
        Add(provider => new DataService(DynamoDb(provider), Tables(provider), module, Time(provider), Logger<DataService>(provider)));
        Add(provider => new SessionStore(DynamoDb(provider), Tables(provider), module, Time(provider), Logger<SessionStore>(provider)));
        Add(provider => new Repository(
            DynamoDb(provider), Of<DataService>(provider), Of<SessionStore>(provider), Of<CommandStore>(provider), Time(provider)));
        Add(provider => new HistoryService(Of<CommandStore>(provider), Of<DataService>(provider)));
        Add(provider => new CommandStatusService(
            Of<CommandStore>(provider), Of<BaseStates>(provider), Of<DataService>(provider), Of<Projector>(provider), Time(provider)));
        Add(provider => new PurgeService(DynamoDb(provider), Tables(provider), module));
        Add(provider => new Resync(
            DynamoDb(provider),
            Tables(provider),
            module,
            Of<DataService>(provider),
            Of<CommandStore>(provider),
            Of<Projector>(provider),
            Of<PurgeFollower>(provider)));
        Add(provider => new Projector(
            module,
            new DataProjection(
                DynamoDb(provider), Tables(provider), module, Of<DataService>(provider), Logger<DataProjection>(provider)),
            new HandlerProjection(
                [.. handlers.Select(create => create(provider))],
                Of<Attempts>(provider),
                new FaultJudge(Of<DataService>(provider), Time(provider)),
                Logger<HandlerProjection>(provider)),
            Of<Attempts>(provider),
            Time(provider)));
        Add(provider => new Attempts(
            module,
            Of<ParkedStore>(provider),
            provider.GetServices<IAlarmPublisher>(),
            provider.GetServices<IFailureObserver>(),
            Logger<Attempts>(provider)));
        Add(provider => new SettingAside(
            module, Of<ParkedStore>(provider), provider.GetServices<IAlarmPublisher>(), Logger<SettingAside>(provider)));
        Add(provider => new SyncState(DynamoDb(provider), Tables(provider), module, provider.GetRequiredService<ShardLeaseStore>(), Time(provider)));
        Add(provider => new ParkedStore(DynamoDb(provider), Tables(provider), module, Time(provider)));
        Add(provider => new PurgeFollower(
            DynamoDb(provider),
            Tables(provider),
            module,
            Of<PurgeService>(provider),
            Of<Projector>(provider),
            Of<ParkedStore>(provider),
            Of<Attempts>(provider),
            Logger<PurgeFollower>(provider)));
        Add(provider => new BaseStates(DynamoDb(provider), Tables(provider), module, Of<CommandStore>(provider)));
        Add(provider => new Publisher(
            module,
            Of<BaseStates>(provider),
            new CommandWriter(DynamoDb(provider), Tables(provider), module, Time(provider)),
            new IdempotencyKeys(DynamoDb(provider), Tables(provider), module, Of<CommandStore>(provider), Time(provider)),
            Of<Projector>(provider),
            Of<SessionStore>(provider),
            provider.GetServices<ICommandHint>(),
            Time(provider)));
        Add(provider => new Reservations(DynamoDb(provider), Tables(provider), module));
        Add(provider => new CommandService(
            Of<Publisher>(provider), Of<BaseStates>(provider), Of<Reservations>(provider), Time(provider)));
        return services;

        void Add<T>(Func<IServiceProvider, T> create)
            where T : class =>
            services.AddKeyedSingleton(module.Name, (provider, _) => create(provider));

        T Of<T>(IServiceProvider provider)
            where T : class =>
            provider.GetRequiredKeyedService<T>(module.Name);
    }

    /// <summary>The modules that were added.</summary>
    public static IReadOnlyList<CqrsModule> GetCqrsModules(this IServiceCollection services) =>
        [.. services.Where(service => !service.IsKeyedService).Select(service => service.ImplementationInstance).OfType<CqrsModule>()];

    /// <summary>Adds what projects stream records that are pushed; call it after the modules are added. Nothing runs by itself.</summary>
    public static IServiceCollection AddPushedRecords(this IServiceCollection services)
    {
        services.AddSingleton<SchemaReady>();
        var health = services.AddHealthChecks().AddCheck<SchemaReady>("schema");
        foreach (var module in services.GetCqrsModules())
        {
            services.AddKeyedSingleton(module.Name, (provider, _) => new ProjectionState(module, Time(provider)));
            health.Add(new HealthCheckRegistration(
                $"projection {module.Name}", provider => provider.GetRequiredKeyedService<ProjectionState>(module.Name), failureStatus: null, tags: null));
            services.AddKeyedSingleton(module.Name, (provider, _) => new BatchProjection(
                module,
                provider.GetRequiredKeyedService<Projector>(module.Name),
                provider.GetRequiredKeyedService<PurgeFollower>(module.Name),
                provider.GetRequiredKeyedService<SettingAside>(module.Name),
                provider.GetRequiredKeyedService<ProjectionState>(module.Name),
                Logger<BatchProjection>(provider)));
            services.AddKeyedSingleton(
                module.Name, (provider, _) => new PushedRecords(provider.GetRequiredKeyedService<BatchProjection>(module.Name)));
        }

        return services;
    }

    /// <summary>
    /// Adds the workers that read the modules' streams, and keep what the read models need beside them; call it after the modules are added. What is
    /// pushed is projected too.
    /// </summary>
    public static IServiceCollection AddStreamWorkers(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddPushedRecords();
        services.Configure<StreamOptions>(configuration.GetSection("Stream"));
        services.AddSingleton<CommandSignal>();
        services.TryAddSingleton(CreateStreamsClient);
        foreach (var module in services.GetCqrsModules())
        {
            services.AddSingleton<IHostedService>(provider => new StreamWorker(
                DynamoDb(provider),
                Tables(provider),
                provider.GetRequiredService<IDynamoDbStreams>(),
                provider.GetRequiredService<ShardLeaseStore>(),
                provider.GetRequiredKeyedService<BatchProjection>(module.Name),
                provider.GetRequiredService<CommandSignal>(),
                provider.GetRequiredService<SchemaReady>(),
                provider.GetRequiredService<IOptions<StreamOptions>>(),
                Logger<StreamWorker>(provider)));
            services.AddSingleton<IHostedService>(provider => new Maintenance(
                module,
                provider.GetRequiredKeyedService<DataService>(module.Name),
                provider.GetRequiredKeyedService<CommandStore>(module.Name),
                provider.GetRequiredKeyedService<Projector>(module.Name),
                provider.GetRequiredService<ParkedCommands>(),
                provider.GetRequiredService<SchemaReady>(),
                Time(provider),
                provider.GetRequiredService<IOptions<StreamOptions>>(),
                Logger<Maintenance>(provider)));
        }

        return services;
    }

    private static IAmazonDynamoDB DynamoDb(IServiceProvider provider) => provider.GetRequiredService<IAmazonDynamoDB>();

    private static TableNames Tables(IServiceProvider provider) => provider.GetRequiredService<TableNames>();

    private static TimeProvider Time(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();

    private static ILogger<T> Logger<T>(IServiceProvider provider) => provider.GetRequiredService<ILogger<T>>();

    private static IDynamoDbStreams CreateStreamsClient(IServiceProvider provider)
    {
        var configuration = provider.GetRequiredService<IConfiguration>();
        // DynamoDB Local serves both APIs at one endpoint.
        var config = provider.GetRequiredService<AmazonDynamoDBConfig>();
        var endpoint = configuration["AWS_ENDPOINT_URL_DYNAMODB_STREAMS"]
            ?? configuration["AWS_ENDPOINT_URL_DYNAMODB"]
            ?? $"https://streams.dynamodb.{config.RegionEndpoint.SystemName}.amazonaws.com/";
        var handler = new AwsSigningHandler(config, "dynamodb") { InnerHandler = new SocketsHttpHandler() };
        return new DynamoDbStreamsClient(new HttpClient(handler) { BaseAddress = new Uri(endpoint), Timeout = RequestTimeout });
    }
}
