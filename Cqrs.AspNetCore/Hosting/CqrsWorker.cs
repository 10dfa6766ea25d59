using Cqrs.AspNetCore.Http;
using Cqrs.Hosting;
using Cqrs.Postgres.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cqrs.AspNetCore.Hosting;

/// <summary>Makes a host the sync worker of its modules.</summary>
public static class CqrsWorker
{
    /// <summary>
    /// Adds the projection of the modules, which are added before. With <c>Worker:PushedOnly</c> the worker projects the records that are pushed to it and
    /// does nothing by itself, as in a function that runs only while it is called. Everything else is left to a worker without that setting.
    /// </summary>
    public static void AddCqrsWorker(this IHostApplicationBuilder builder)
    {
        if (builder.Configuration.GetValue<bool>("Worker:PushedOnly"))
        {
            builder.Services.AddPushedRecords();
            builder.AddReadModelProjection();
        }
        else
        {
            builder.Services.AddStreamWorkers(builder.Configuration);
            builder.AddReadModelWorkers();
        }

        builder.Services.AddHealthChecks().AddCheck<DynamoDbHealthCheck>("dynamodb");
    }
}
