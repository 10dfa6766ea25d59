using Amazon.DynamoDBv2;
using Cqrs.CommandLog;
using Cqrs.Notifications;
using Cqrs.Operations;
using Cqrs.Streams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Cqrs.Hosting;

/// <summary>Registers what projects the commands of the modules. The modules are added before.</summary>
public static class WorkerServices
{
    /// <summary>Adds what projects stream records that are pushed. Nothing runs by itself.</summary>
    public static IServiceCollection AddPushedRecords(this IServiceCollection services)
    {
        services.AddSingleton<SchemaReady>();
        var health = services.AddHealthChecks().AddCheck<SchemaReady>("schema");
        foreach (var module in services.GetCqrsModules())
        {
            new ModuleParts(services, module).Add<ProjectionState>().Add<BatchProjection>().Add<PushedRecords>();
            health.Add(new HealthCheckRegistration(
                $"projection {module.Name}", provider => provider.GetRequiredKeyedService<ProjectionState>(module.Name), failureStatus: null, tags: null));
        }

        return services;
    }

    /// <summary>
    /// Adds the workers that read the modules' streams, and keep what the read models need beside them. Pushed records are projected too.
    /// </summary>
    public static IServiceCollection AddStreamWorkers(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddPushedRecords();
        services.Configure<StreamOptions>(configuration.GetSection("Stream"));
        services.AddSingleton<CommandSignal>();
        services.TryAddSingleton(CreateStreamsClient);
        foreach (var module in services.GetCqrsModules())
        {
            var parts = new ModuleParts(services, module);
            services.AddSingleton<IHostedService>(parts.Create<StreamWorker>);
            services.AddSingleton<IHostedService>(parts.Create<Maintenance>);
        }

        return services;
    }

    private static IDynamoDbStreams CreateStreamsClient(IServiceProvider provider)
    {
        var configuration = provider.GetRequiredService<IConfiguration>();
        // DynamoDB Local serves both APIs at one endpoint.
        var config = provider.GetRequiredService<AmazonDynamoDBConfig>();
        var endpoint = configuration["AWS_ENDPOINT_URL_DYNAMODB_STREAMS"]
            ?? configuration["AWS_ENDPOINT_URL_DYNAMODB"]
            ?? $"https://streams.dynamodb.{config.RegionEndpoint.SystemName}.amazonaws.com/";
        var handler = new AwsSigningHandler(config, "dynamodb") { InnerHandler = new SocketsHttpHandler() };
        return new DynamoDbStreamsClient(
            new HttpClient(handler) { BaseAddress = new Uri(endpoint), Timeout = CqrsServices.RequestTimeout });
    }
}
