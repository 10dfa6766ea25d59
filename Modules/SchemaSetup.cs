using Cqrs;
using Cqrs.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Modules.ReadModel;

namespace Modules;

/// <summary>
/// Creates the tables and migrates Postgres before the worker begins. A store that is not up yet is waited for; the worker reports
/// unhealthy until then.
/// </summary>
internal sealed partial class SchemaSetup(
    TableSetup tables, IServiceScopeFactory scopes, SchemaReady ready, ILogger<SchemaSetup> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.WhenAll(tables.EnsureTablesAsync(stoppingToken), MigrateAsync(stoppingToken));
                ready.Set();
                LogReady();
                return;
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotReady(fault);
                await Task.Delay(RetryDelay, stoppingToken);
            }
        }
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<ReadModelContext>().Database;
        // Migrating looks into the history table before it makes sure that there is one, and Postgres would log an error for it.
        if (await database.CanConnectAsync(cancellationToken))
        {
            await database.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
        }

        await database.MigrateAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Tables and migrations are in place.")]
    private partial void LogReady();

    [LoggerMessage(LogLevel.Warning, "Setting up the schema failed; it is tried again.")]
    private partial void LogNotReady(Exception exception);
}
