using Amazon.DynamoDBv2;
using Cqrs.Projection;
using Cqrs.Publishing;
using Cqrs.Streams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cqrs;

/// <summary>Registers the kernel and its modules.</summary>
public static class CqrsServices
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds what all modules share. Endpoint, region and credentials of DynamoDB come from the AWS SDK's usual places
    /// (<c>AWS_ENDPOINT_URL_DYNAMODB</c>, <c>AWS_REGION</c> and so on); <c>Tables:Prefix</c> names the tables.
    /// </summary>
    public static IServiceCollection AddCqrs(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new TableNames(configuration["Tables:Prefix"] ?? ""));
        services.TryAddSingleton(new AmazonDynamoDBConfig { Timeout = RequestTimeout, MaxErrorRetry = 2 });
        services.TryAddSingleton<IAmazonDynamoDB>(provider => new AmazonDynamoDBClient(provider.GetRequiredService<AmazonDynamoDBConfig>()));
        services.TryAddSingleton<TableSetup>();
        return services;
    }

    /// <summary>
    /// Adds a module: a keyed <see cref="CommandService"/> and <see cref="DataService"/> under its name, and its handlers.
    /// </summary>
    public static IServiceCollection AddCqrsModule(
        this IServiceCollection services, CqrsModule module, params IEnumerable<Func<IServiceProvider, IDataSyncHandler>> handlers)
    {
        var name = module.Name;
        services.AddSingleton(module);
        services.AddKeyedSingleton(name, module);
        services.AddKeyedSingleton(name, (provider, _) => new CommandStore(
            provider.GetRequiredService<IAmazonDynamoDB>(), provider.GetRequiredService<TableNames>(), module));
        services.AddKeyedSingleton(name, (provider, _) => new DataService(
            provider.GetRequiredService<IAmazonDynamoDB>(),
            provider.GetRequiredService<TableNames>(),
            module,
            provider.GetRequiredService<TimeProvider>()));
        services.AddKeyedSingleton(name, (provider, _) => CreateProjector(provider, module, [.. handlers.Select(create => create(provider))]));
        services.AddKeyedSingleton(name, (provider, _) => CreateCommandService(provider, module));
        services.AddKeyedSingleton(name, (provider, _) => new Resync(
            provider.GetRequiredService<IAmazonDynamoDB>(),
            provider.GetRequiredService<TableNames>(),
            module,
            provider.GetRequiredKeyedService<DataService>(name),
            provider.GetRequiredKeyedService<CommandStore>(name),
            provider.GetRequiredKeyedService<Projector>(name)));
        return services;
    }

    /// <summary>Adds the workers that read the modules' streams; call it after the modules are added.</summary>
    public static IServiceCollection AddStreamWorkers(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<StreamOptions>(configuration.GetSection("Stream"));
        services.AddSingleton<SchemaReady>();
        services.AddSingleton<ProjectionHealth>();
        services.AddSingleton<ShardLeaseStore>();
        services.AddSingleton(CreateStreamsClient);
        services.AddHealthChecks()
            .AddCheck<SchemaReady>("schema")
            .AddCheck<ProjectionHealth>("projection");
        foreach (var module in services.Where(s => !s.IsKeyedService).Select(s => s.ImplementationInstance).OfType<CqrsModule>().ToList())
        {
            services.AddSingleton<IHostedService>(provider => new StreamWorker(
                module,
                provider.GetRequiredService<IAmazonDynamoDB>(),
                provider.GetRequiredService<TableNames>(),
                provider.GetRequiredService<IDynamoDbStreams>(),
                provider.GetRequiredService<ShardLeaseStore>(),
                provider.GetRequiredKeyedService<Projector>(module.Name),
                provider.GetRequiredService<ProjectionHealth>(),
                provider.GetRequiredService<SchemaReady>(),
                provider.GetRequiredService<IOptions<StreamOptions>>(),
                provider.GetRequiredService<ILogger<StreamWorker>>()));
        }

        return services;
    }

    private static Projector CreateProjector(IServiceProvider provider, CqrsModule module, IReadOnlyList<IDataSyncHandler> handlers) => new(
        module,
        new DataProjection(
            provider.GetRequiredService<IAmazonDynamoDB>(),
            provider.GetRequiredService<TableNames>(),
            module,
            provider.GetRequiredKeyedService<CommandStore>(module.Name),
            provider.GetRequiredService<ILogger<DataProjection>>()),
        handlers,
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<Projector>>());

    private static CommandService CreateCommandService(IServiceProvider provider, CqrsModule module)
    {
        var dynamoDb = provider.GetRequiredService<IAmazonDynamoDB>();
        var tables = provider.GetRequiredService<TableNames>();
        var time = provider.GetRequiredService<TimeProvider>();
        var commands = provider.GetRequiredKeyedService<CommandStore>(module.Name);
        return new CommandService(
            module,
            new BaseStates(dynamoDb, tables, module, commands),
            new CommandWriter(dynamoDb, tables, module, time),
            new IdempotencyKeys(dynamoDb, tables, module, commands, time),
            provider.GetRequiredKeyedService<Projector>(module.Name),
            time);
    }

    private static IDynamoDbStreams CreateStreamsClient(IServiceProvider provider)
    {
        var configuration = provider.GetRequiredService<IConfiguration>();
        var config = provider.GetRequiredService<AmazonDynamoDBConfig>();
        // DynamoDB Local serves both APIs at one endpoint.
        var endpoint = configuration["AWS_ENDPOINT_URL_DYNAMODB_STREAMS"]
            ?? configuration["AWS_ENDPOINT_URL_DYNAMODB"]
            ?? config.ServiceURL
            ?? $"https://streams.dynamodb.{config.RegionEndpoint.SystemName}.amazonaws.com/";
        var handler = new AwsSigningHandler(config, "dynamodb") { InnerHandler = new SocketsHttpHandler() };
        return new DynamoDbStreamsClient(new HttpClient(handler) { BaseAddress = new Uri(endpoint), Timeout = RequestTimeout });
    }
}
