using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Modules.ReadModel;

/// <summary>
/// What the context has beyond its connection. Under Aspire its component for EF Core and Postgres adds that; elsewhere the same is done here,
/// under the same names of configuration: <c>DisableRetry</c> and <c>CommandTimeout</c> in <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL</c>, for
/// all contexts, or for this in <c>ReadModelContext</c> there.
/// </summary>
internal static class ReadModelEnrichment
{
    private const string Section = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";
    private const int MaxRetries = 2;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(200);

    public static void EnrichReadModel<TContext>(this IHostApplicationBuilder builder)
        where TContext : ReadModelContext
    {
#if ASPIRE
        // The hosts have a check of their own: the API is ready without Postgres, the worker is not.
        builder.EnrichNpgsqlDbContext<TContext>(settings => settings.DisableHealthChecks = true);
#endif
    }

    /// <summary>
    /// A connection that broke while it was idle is no reason to fail a query. Retries are few and soon: somebody waits, and a store that is down is
    /// to be told.
    /// </summary>
    public static void UseResilience(this DbContextOptionsBuilder options, IConfiguration configuration)
    {
        options.UseNpgsql(npgsql =>
        {
            if (Setting<bool?>(configuration, "DisableRetry") is not true)
            {
                npgsql.EnableRetryOnFailure(MaxRetries, LongestDelay, errorCodesToAdd: null);
            }

            if (Setting<int?>(configuration, "CommandTimeout") is { } seconds)
            {
                npgsql.CommandTimeout(seconds);
            }
        });
    }

    private static T? Setting<T>(IConfiguration configuration, string name) =>
        configuration.GetValue<T?>($"{Section}:{nameof(ReadModelContext)}:{name}") ?? configuration.GetValue<T?>($"{Section}:{name}");
}
