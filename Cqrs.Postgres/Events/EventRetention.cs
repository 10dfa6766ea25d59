using Cqrs.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cqrs.Postgres.Events;

/// <summary>Deletes events that are older than a reader may ask for.</summary>
internal sealed partial class EventRetention(NpgsqlDataSource dataSource, SchemaReady schema, ILogger<EventRetention> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var delete = EventStatements.DeleteOld(dataSource);
                await delete.ExecuteNonQueryAsync(stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(fault);
            }

            await Task.Delay(Interval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Deleting old events failed; it is tried again.")]
    private partial void LogFailed(Exception exception);
}
