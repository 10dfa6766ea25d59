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
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cqrs.Hosting;

/// <summary>Registers the kernel and its modules.</summary>
public static class CqrsServices
{
    internal static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds what all modules share. Endpoint, region and credentials of DynamoDB come from the AWS SDK's usual places
    /// (<c>AWS_ENDPOINT_URL_DYNAMODB</c>, <c>AWS_REGION</c> and so on); <c>Tables:Prefix</c> names the tables.
    /// </summary>
    public static void AddCqrs(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new TableNames(builder.Configuration["Tables:Prefix"] ?? ""));
        services.TryAddSingleton(new AmazonDynamoDBConfig { Timeout = RequestTimeout, MaxErrorRetry = 2 });
        services.TryAddSingleton<IAmazonDynamoDB>(provider => new TracedDynamoDbClient(provider.GetRequiredService<AmazonDynamoDBConfig>()));
        services.TryAddSingleton<TableSetup>();
        services.TryAddSingleton<ShardLeaseStore>();
        services.TryAddSingleton(provider => new CommandReplay(
            provider.GetRequiredService<IAmazonDynamoDB>(),
            provider.GetRequiredService<TableNames>(),
            provider.GetServices<CqrsModule>(),
            provider.GetRequiredService<ShardLeaseStore>()));
        services.TryAddSingleton(provider => new ParkedCommands(provider, provider.GetServices<CqrsModule>()));
        services.AddSingleton<IAlarmPublisher, LogAlarmPublisher>();
        if (SnsTopic.Configured(builder.Configuration, "Alarms:TopicArn") is { } topic)
        {
            services.AddSingleton<IAlarmPublisher>(provider => new SnsAlarmPublisher(topic, provider.GetRequiredService<ILogger<SnsAlarmPublisher>>()));
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
        services.AddKeyedSingleton(module.Name, module);
        services.AddKeyedSingleton<IReadOnlyList<IDataSyncHandler>>(module.Name, (provider, _) => [.. handlers.Select(create => create(provider))]);
        new ModuleParts(services, module)
            .Add<CommandStore>().Add<DataService>().Add<Reservations>()
            .Add<SessionStore>()
            .Add<ParkedStore>().Add<Attempts>().Add<RecordParking>().Add<FaultJudge>()
            .Add<DataProjection>().Add<HandlerProjection>().Add<Projector>()
            .Add<CurrentStates>().Add<CommandWriter>().Add<IdempotencyKeys>().Add<Publisher>().Add<CommandService>()
            .Add<HistoryService>().Add<Repository>().Add<CommandStatusService>()
            .Add<PurgeService>().Add<PurgeFollower>()
            .Add<Resync>().Add<ShardLag>();
        return services;
    }

    /// <summary>Returns the modules that were added.</summary>
    public static IReadOnlyList<CqrsModule> GetCqrsModules(this IServiceCollection services) =>
        [.. services.Where(service => !service.IsKeyedService).Select(service => service.ImplementationInstance).OfType<CqrsModule>()];
}
