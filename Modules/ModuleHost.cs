using Cqrs;
using Cqrs.Notifications;
using Cqrs.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Modules.Events;
using Modules.Http;
using Modules.Http.Limits;
using Modules.Identity;
using Modules.Jobs;
using Modules.Ops;
using Modules.Products;
using Modules.ReadModel;

namespace Modules;

/// <summary>The list of modules, and how the two hosts take them in.</summary>
public static class ModuleHost
{
    /// <summary>Adds what both hosts need: the kernel, the modules with their handlers, the read model.</summary>
    public static void AddModules(this WebApplicationBuilder builder)
    {
        builder.Services.AddCqrs(builder.Configuration);
        builder.AddReadModel();
        ProductModule.Add(builder.Services);
    }

    /// <summary>Adds what the API needs: identity, limits, problem details. It is ready when DynamoDB is. Only some requests need Postgres.</summary>
    public static void AddModuleApi(this WebApplicationBuilder builder)
    {
        builder.AddIdentity();
        builder.AddRateLimits();
        builder.AddTimeLimits();
        // Once in an assembly: it sees the contracts of all modules in it.
        builder.Services.AddValidation();
        builder.Services.Configure<EventStreamOptions>(builder.Configuration.GetSection("Events"));
        builder.Services.AddSingleton<EventHub>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<EventHub>());
        builder.Services.Configure<StreamOptions>(builder.Configuration.GetSection("Stream"));
        if (builder.ReadsShards())
        {
            builder.Services.AddSingleton<PostgresHints>();
            builder.Services.AddSingleton<ICommandHint>(provider => provider.GetRequiredService<PostgresHints>());
            builder.Services.AddHostedService(provider => provider.GetRequiredService<PostgresHints>());
        }

        builder.Services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = ProblemCodes.Customize);
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemsForAll>();
        builder.Services.AddExceptionHandler<FaultHandler>();
        builder.Services.AddHealthChecks().AddCheck<DynamoDbHealthCheck>("dynamodb");
        builder.Services.Configure<ReadModelHealth>(health => health.WithoutPostgres = HealthStatus.Degraded);
    }

    /// <summary>
    /// Adds what the sync worker needs: the stream readers, the jobs, and the schema, which it owns. With <c>Worker:PushedOnly</c> it projects what is pushed
    /// to it and does nothing by itself, as in a function that only runs while it is called: all the rest is for a worker without that setting.
    /// </summary>
    public static void AddModuleWorkers(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IFailureObserver, FailedEvents>();
        if (builder.Configuration.GetValue<bool>("Worker:PushedOnly"))
        {
            builder.Services.AddPushedRecords();
            builder.Services.AddHostedService<SchemaWait>();
        }
        else
        {
            builder.Services.AddStreamWorkers(builder.Configuration);
            builder.AddBackgroundWork();
        }

        builder.Services.AddHealthChecks().AddCheck<DynamoDbHealthCheck>("dynamodb");
    }

    private static void AddBackgroundWork(this WebApplicationBuilder builder)
    {
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

    // Hints are for workers that wait for the next poll.
    private static bool ReadsShards(this WebApplicationBuilder builder) => builder.Configuration.GetValue("Stream:ReadsShards", true);

    /// <summary>The pipeline of the API and the endpoints of every module.</summary>
    public static void MapModules(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseResponseHeaders();
        app.UseStatusCodePages();
        app.UseRoutingByRawPath();
        app.UseLoadShedding();
        app.UseRequestTimeouts();
        app.UseAuthentication();
        // By now it is known who asks, and refusals count too.
        app.UseRateLimiter();
        app.UseAuthorization();
        ProductModule.Map(app);
        app.MapOps();
        if (app.Environment.IsDevelopment())
        {
            app.MapDevTokens();
        }
    }
}
