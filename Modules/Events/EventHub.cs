using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Modules.ReadModel;
using Npgsql;

namespace Modules.Events;

/// <summary>
/// Reads new events once for all who listen here, and hands each to the listeners of its tenant. A listener that does not keep up is let go: it
/// comes back with the id of the last event that it has seen, and reads on from the table.
/// </summary>
internal sealed partial class EventHub(NpgsqlDataSource dataSource, IServiceScopeFactory scopes, ILogger<EventHub> logger) : BackgroundService
{
    private const int QueueLength = 1000;
    private const int PageSize = 1000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Channel<CommandEvent>, string> _listeners = new();
    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>Begins to listen. Dispose of the subscription to end it.</summary>
    public Subscription Listen(string tenant)
    {
        var channel = Channel.CreateBounded<CommandEvent>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
        _listeners[channel] = tenant;
        return new Subscription(channel.Reader, () => _listeners.TryRemove(channel, out _));
    }

    /// <summary>Events of a tenant after an id, from the table, a page at a time.</summary>
    public async Task<List<CommandEvent>> ReadAsync(string tenant, long afterId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ReadModelContext>().Set<CommandEvent>().AsNoTracking()
            .Where(e => e.TenantCode == tenant && e.Id > afterId)
            .OrderBy(e => e.Id)
            .Take(PageSize)
            .ToListAsync(cancellationToken);
    }

    /// <summary>The id of the newest event there is.</summary>
    public async Task<long> NewestIdAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ReadModelContext>().Set<CommandEvent>().AcrossTenants()
            .MaxAsync(e => (long?)e.Id, cancellationToken) ?? 0;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var listening = PostgresListener.ListenAsync(dataSource, EventStatements.Channel, _ => _wake.Release(), logger, stoppingToken);
        long? last = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                last ??= await NewestIdAsync(stoppingToken);
                last = await HandOutAsync(last.Value, stoppingToken);
                await _wake.WaitAsync(PollInterval, stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogReadFailed(fault);
                await Task.Delay(PauseAfterFailure, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await listening;
    }

    private async Task<long> HandOutAsync(long last, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var scope = scopes.CreateAsyncScope();
            var events = await scope.ServiceProvider.GetRequiredService<ReadModelContext>().Set<CommandEvent>().AsNoTracking().AcrossTenants()
                .Where(e => e.Id > last)
                .OrderBy(e => e.Id)
                .Take(PageSize)
                .ToListAsync(cancellationToken);
            foreach (var @event in events)
            {
                foreach (var (channel, _) in _listeners.Where(listener => listener.Value == @event.TenantCode))
                {
                    if (!channel.Writer.TryWrite(@event))
                    {
                        // It must not miss one: end it, and it will come back.
                        channel.Writer.TryComplete();
                        _listeners.TryRemove(channel, out _);
                    }
                }

                last = @event.Id;
            }

            if (events.Count < PageSize)
            {
                return last;
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "Reading events failed; it is tried again.")]
    private partial void LogReadFailed(Exception exception);

    /// <summary>One who listens.</summary>
    public sealed class Subscription(ChannelReader<CommandEvent> events, Action end) : IDisposable
    {
        public ChannelReader<CommandEvent> Events => events;

        public void Dispose() => end();
    }
}
