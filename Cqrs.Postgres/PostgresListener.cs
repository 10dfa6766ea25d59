using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cqrs.Postgres;

/// <summary>Listens to a channel of Postgres, and begins again after every fault: what a notification is about has to be polled meanwhile.</summary>
internal static partial class PostgresListener
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    /// <returns>A task that ends when <paramref name="stoppingToken"/> is cancelled.</returns>
    public static async Task ListenAsync(
        NpgsqlDataSource dataSource, string channel, Action<string> onNotification, ILogger logger, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await dataSource.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, notification) => onNotification(notification.Payload);
                await using (var listen = new NpgsqlCommand($"LISTEN {channel}", connection))
                {
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                }

                while (true)
                {
                    await connection.WaitAsync(stoppingToken);
                }
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogListeningFailed(logger, fault, channel);
                await Task.Delay(PauseAfterFailure, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "Listening to {Channel} failed.")]
    private static partial void LogListeningFailed(ILogger logger, Exception exception, string channel);
}
