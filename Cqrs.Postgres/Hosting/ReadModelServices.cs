using Cqrs.Postgres.Events;
using Cqrs.Postgres.Jobs;
using Cqrs.Postgres.Rows;
using Cqrs.Postgres.Search;
using Cqrs.Reading;
using Cqrs.Tables;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cqrs.Postgres.Hosting;

/// <summary>Registers the read model of an application.</summary>
public static class ReadModelServices
{
    private const int MaxRetries = 2;

    // A connection that broke while it was idle is no reason to fail a query. Retries are few and soon: a user waits, and the API answers 503 if the
    // store is down.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>Adds the read model of an application. It is in Postgres.</summary>
    /// <typeparam name="TContext">The context with the rows of the application's modules.</typeparam>
    /// <param name="builder">The host.</param>
    /// <param name="connectionName">The name of the connection string, which the AppHost gives.</param>
    public static void AddReadModel<TContext>(this IHostApplicationBuilder builder, string connectionName)
        where TContext : ReadModelContext
    {
        var retries = true;
        string? connectionString = null;
        builder.Services.AddDbContextPool<ReadModelContext, TContext>((provider, options) =>
        {
            options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>(), npgsql =>
            {
                if (retries)
                {
                    npgsql.EnableRetryOnFailure(MaxRetries, LongestDelay, errorCodesToAdd: null);
                }
            });
            Configure(options);
        });
        builder.EnrichNpgsqlDbContext<TContext>(settings =>
        {
            // The component's own retries go on for minutes.
            (retries, settings.DisableRetry) = (!settings.DisableRetry, true);
            connectionString = settings.ConnectionString;
        });
        ReadModelHealth.Apply(builder.Services, typeof(TContext).Name);
        builder.Services.AddSingleton(_ => PostgresDataSource.Create(builder.Configuration, connectionName, connectionString));
        builder.Services.AddSingleton(provider =>
        {
            using var scope = provider.CreateScope();
            return scope.ServiceProvider.GetRequiredService<ReadModelContext>().Model;
        });
        builder.Services.AddSingleton(typeof(RowStatements<>));
        builder.Services.AddSingleton(typeof(RowReader<>));
        builder.Services.AddSingleton(typeof(PageReader<>));
        builder.Services.AddSingleton<EventReader>();
        builder.Services.AddScoped<JobQueue>();
        builder.Services.TryAddSingleton(new CurrentTenant(() => null));
    }

    /// <summary>Adds the search of a module: see <see cref="IItemSearch"/>.</summary>
    public static void AddItemSearch<TRow>(this IServiceCollection services, CqrsModule module, SearchDefinition<TRow> definition)
        where TRow : ReadModelRow, new() =>
        services.AddKeyedScoped<IItemSearch>(module.Name, (provider, _) => ActivatorUtilities.CreateInstance<RowSearch<TRow>>(
            provider, definition, module, provider.GetRequiredKeyedService<Repository>(module.Name)));

    /// <summary>The options that every context is made with, in a host or by the migration tool.</summary>
    public static void Configure(DbContextOptionsBuilder options) => options
        .UseSnakeCaseNamingConvention()
        // A command that fails throws; whoever catches it logs it. On an empty database the first look for migrations fails by design.
        .ConfigureWarnings(warnings => warnings.Log((RelationalEventId.CommandError, LogLevel.Debug)));
}
