using Cqrs.Operations;
using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cqrs.Postgres.Schema;

/// <summary>
/// Creates the tables and migrates Postgres before the worker begins. A store that is not up yet is waited for; the worker reports
/// unhealthy until then. A Postgres that has come up empty, then or later, is filled again from the commands.
/// </summary>
internal sealed partial class SchemaSetup(
    TableSetup tables,
    NpgsqlDataSource postgres,
    IServiceScopeFactory scopes,
    CommandReplay replay,
    SchemaReady ready,
    ILogger<SchemaSetup> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await tables.EnsureTablesAsync(stoppingToken);
                if (await MigrateAsync(stoppingToken))
                {
                    ready.Set();
                    LogReady();
                }

                await Task.Delay(BetweenLooks, stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotReady(fault);
                await Task.Delay(RetryDelay, stoppingToken);
            }
        }
    }

    // Returns whether there was anything to do, or it is the first time.
    private async Task<bool> MigrateAsync(CancellationToken cancellationToken)
    {
        var isThere = await HasMigrationsAsync(cancellationToken);
        if (isThere && ready.IsSet)
        {
            return false;
        }

        if (!isThere)
        {
            // Asked for before there is a schema: whatever ends the process in between, the rows come.
            await replay.RequestAsync(cancellationToken);
        }

        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<ReadModelContext>().Database;
        // Migrating looks into the history table before it makes sure that there is one, and Postgres would log an error for it.
        if (await database.CanConnectAsync(cancellationToken))
        {
            await database.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
        }

        await database.MigrateAsync(cancellationToken);
        return true;
    }

    // That Postgres does not answer does not mean that it is empty.
    private async Task<bool> HasMigrationsAsync(CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand("""SELECT to_regclass('"__EFMigrationsHistory"') IS NOT NULL""");
        try
        {
            return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
        catch (PostgresException noDatabase) when (noDatabase.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Tables and migrations are in place.")]
    private partial void LogReady();

    [LoggerMessage(LogLevel.Warning, "Setting up the schema failed; it is tried again.")]
    private partial void LogNotReady(Exception exception);
}
