using System.Collections.Concurrent;
using System.Threading.Channels;
using Cqrs.CommandLog;
using Cqrs.Tables;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cqrs.Postgres.Hints;

/// <summary>
/// Wakes the workers by <c>NOTIFY</c> when a command was stored: fire and forget. The first goes out at once; those of the next few
/// milliseconds make one more.
/// </summary>
internal sealed partial class PostgresHints(NpgsqlDataSource dataSource, ILogger<PostgresHints> logger) : BackgroundService, ICommandHint
{
    public const string Channel = "command_stored";

    // One for every command took 6% of the publishes that one client makes; a worker that is busy needs none of them.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    // After a failure the stream's own polling has to do; trying again for every command would only add load.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, bool> _modules = new();
    private readonly Channel<bool> _wake = System.Threading.Channels.Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void CommandStored(CqrsModule module)
    {
        _modules[module.Name] = true;
        _wake.Writer.TryWrite(true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var _ in _wake.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                foreach (var module in _modules.Keys)
                {
                    _modules.TryRemove(module, out var _);
                    await using var notify = dataSource.CreateCommand("SELECT pg_notify(@channel, @module)");
                    notify.Parameters.AddWithValue("channel", Channel);
                    notify.Parameters.AddWithValue("module", module);
                    await notify.ExecuteNonQueryAsync(stoppingToken);
                }

                await Task.Delay(Pause, stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotSent(fault);
                await Task.Delay(PauseAfterFailure, stoppingToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "A hint to the workers was not sent.")]
    private partial void LogNotSent(Exception exception);
}

/// <summary>Passes the hints on to the readers of this worker. Without them, the stream is polled.</summary>
internal sealed class PostgresHintListener(NpgsqlDataSource dataSource, CommandSignal signal, ILogger<PostgresHintListener> logger)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        PostgresListener.ListenAsync(dataSource, PostgresHints.Channel, signal.Pulse, logger, stoppingToken);
}
