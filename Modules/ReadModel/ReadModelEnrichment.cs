using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
#if !ASPIRE
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
#endif

namespace Modules.ReadModel;

/// <summary>
/// What the context has beyond its connection. Under Aspire its component for EF Core and Postgres adds that; elsewhere the same is done here, and can
/// be told the same: <see cref="ReadModelSettings"/>.
/// </summary>
internal static class ReadModelEnrichment
{
    private const string HealthCheck = "postgres";
    private const int MaxRetries = 2;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(200);

    public static void EnrichReadModel<TContext>(this IHostApplicationBuilder builder)
        where TContext : ReadModelContext
    {
        var settings = ReadModelSettings.Read(builder.Configuration);
        if (settings.ConnectionString is not null && builder.Configuration.GetConnectionString(ReadModelServices.ConnectionName) is null)
        {
            builder.Configuration.AddInMemoryCollection([new($"ConnectionStrings:{ReadModelServices.ConnectionName}", settings.ConnectionString)]);
        }

        // The hosts have a check of their own: the API is ready without Postgres, the worker is not.
        if (settings.DisableHealthChecks)
        {
            builder.Services.PostConfigure<HealthCheckServiceOptions>(options =>
            {
                foreach (var check in options.Registrations.Where(check => check.Name == HealthCheck).ToList())
                {
                    options.Registrations.Remove(check);
                }
            });
        }

#if ASPIRE
        builder.EnrichNpgsqlDbContext<TContext>(component => component.DisableHealthChecks = true);
#else
        if (!settings.DisableTracing)
        {
            builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddNpgsql());
        }

        if (!settings.DisableMetrics)
        {
            builder.Services.ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddNpgsqlInstrumentation());
        }
#endif
    }

    /// <summary>
    /// A connection that broke while it was idle is no reason to fail a query. Retries are few and soon: somebody waits, and a store that is down is
    /// to be told.
    /// </summary>
    public static void UseResilience(this DbContextOptionsBuilder options, IConfiguration configuration)
    {
        var settings = ReadModelSettings.Read(configuration);
        options.UseNpgsql(npgsql =>
        {
            if (!settings.DisableRetry)
            {
                npgsql.EnableRetryOnFailure(MaxRetries, LongestDelay, errorCodesToAdd: null);
            }

            if (settings.CommandTimeout is { } seconds)
            {
                npgsql.CommandTimeout(seconds);
            }
        });
    }
}
