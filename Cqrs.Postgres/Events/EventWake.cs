using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cqrs.Postgres.Events;

/// <summary>Wakes who reads events: by <c>NOTIFY</c>, and by the clock, because a notification may be lost.</summary>
internal sealed class EventWake(NpgsqlDataSource dataSource, ILogger logger)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _notified = new(0);

    /// <returns>A task that ends when <paramref name="stoppingToken"/> is cancelled.</returns>
    public Task ListenAsync(CancellationToken stoppingToken) =>
        PostgresListener.ListenAsync(dataSource, EventStatements.Channel, _ => _notified.Release(), logger, stoppingToken);

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _notified.WaitAsync(PollInterval, cancellationToken);
        // All notifications so far are about what the next read finds.
        while (_notified.Wait(0, cancellationToken))
        {
        }
    }
}
