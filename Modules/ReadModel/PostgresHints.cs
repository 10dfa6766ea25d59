using System.Threading.Channels;
using Cqrs;
using Cqrs.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Modules.ReadModel;

/// <summary>
/// Wakes the workers by <c>NOTIFY</c> when a command was stored: fire and forget. Many commands at once make one notification.
/// </summary>
internal sealed partial class PostgresHints(NpgsqlDataSource dataSource, ILogger<PostgresHints> logger) : BackgroundService, ICommandHint
{
    public const string Channel = "command_stored";

    // After a failure the stream's own polling has to do; trying again for every command would only add load.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    private readonly Channel<string> _modules = System.Threading.Channels.Channel.CreateBounded<string>(
        new BoundedChannelOptions(8) { FullMode = BoundedChannelFullMode.DropWrite });

    public void CommandStored(CqrsModule module) => _modules.Writer.TryWrite(module.Name);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var first in _modules.Reader.ReadAllAsync(stoppingToken))
        {
            var modules = new HashSet<string> { first };
            while (_modules.Reader.TryRead(out var next))
            {
                modules.Add(next);
            }

            try
            {
                foreach (var module in modules)
                {
                    await using var notify = dataSource.CreateCommand("SELECT pg_notify(@channel, @module)");
                    notify.Parameters.AddWithValue("channel", Channel);
                    notify.Parameters.AddWithValue("module", module);
                    await notify.ExecuteNonQueryAsync(stoppingToken);
                }
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
