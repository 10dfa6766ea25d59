using Cqrs.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cqrs.Postgres.Schema;

/// <summary>
/// Lets a worker that does not own the schema begin when its owner has set it up: a command must not be parked because a column is missing.
/// </summary>
internal sealed partial class SchemaWait(IServiceScopeFactory scopes, SchemaReady ready, ILogger<SchemaWait> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var pending = await scope.ServiceProvider.GetRequiredService<ReadModelContext>().Database.GetPendingMigrationsAsync(stoppingToken);
                if (pending.FirstOrDefault() is not { } next)
                {
                    ready.Set();
                    return;
                }

                LogPending(next);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotKnown(fault);
            }

            await Task.Delay(Interval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Information, "Postgres is not migrated yet: {Migration} is to come.")]
    private partial void LogPending(string migration);

    [LoggerMessage(LogLevel.Warning, "Whether Postgres is migrated could not be read; it is tried again.")]
    private partial void LogNotKnown(Exception exception);
}
