using Cqrs.CommandLog;
using Cqrs.Notifications;
using Cqrs.Postgres.Events;
using Cqrs.Postgres.Hints;
using Cqrs.Postgres.Jobs;
using Cqrs.Postgres.Schema;
using Cqrs.Projection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cqrs.Postgres.Hosting;

/// <summary>Registers what a host does with the read model beside its queries.</summary>
public static class ReadModelWorkers
{
    /// <summary>Adds what follows the events of the read model, for a host that tells clients of them.</summary>
    public static void AddEventHub(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EventHub>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<EventHub>());
    }

    /// <summary>Adds the hints that wake the workers when a command is stored. Only workers that read shards wait for the next poll.</summary>
    public static void AddCommandHints(this IHostApplicationBuilder builder)
    {
        if (builder.ReadsShards())
        {
            builder.Services.AddSingleton<PostgresHints>();
            builder.Services.AddSingleton<ICommandHint>(provider => provider.GetRequiredService<PostgresHints>());
            builder.Services.AddHostedService(provider => provider.GetRequiredService<PostgresHints>());
        }
    }

    /// <summary>Adds what a worker that only projects pushed records needs: it waits until the owner of the schema has migrated it.</summary>
    public static void AddReadModelProjection(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IFailureObserver, FailedEvents>();
        builder.Services.AddHostedService<SchemaWait>();
    }

    /// <summary>Adds what a worker needs that runs by itself: it owns the schema, does the jobs, and keeps and forwards the events.</summary>
    public static void AddReadModelWorkers(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IFailureObserver, FailedEvents>();
        builder.Services.AddHostedService<SchemaSetup>();
        builder.Services.AddHostedService<JobRunner>();
        builder.Services.AddHostedService<EventRetention>();
        if (builder.ReadsShards())
        {
            builder.Services.AddHostedService<PostgresHintListener>();
        }

        if (SnsTopic.Configured(builder.Configuration, "Events:TopicArn") is { } topic)
        {
            builder.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<EventForwarder>(provider, topic));
        }
    }

    private static bool ReadsShards(this IHostApplicationBuilder builder) => builder.Configuration.GetValue("Stream:ReadsShards", true);
}
