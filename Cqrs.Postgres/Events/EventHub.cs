using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cqrs.Postgres.Events;

/// <summary>
/// Reads new events once for all who listen here, and hands each to the listeners of its tenant. It never waits for one: a listener whose queue
/// is full is let go, and has to read on from the table.
/// </summary>
internal sealed partial class EventHub(EventReader events, NpgsqlDataSource dataSource, ILogger<EventHub> logger) : BackgroundService
{
    private const int QueueLength = 1000;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Subscription, (string Tenant, string Pk)> _listeners = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long _last;

    /// <summary>
    /// Completes when events are followed. What a listener reads from the table after that, and after it began to listen, and what it is handed,
    /// are together all there is.
    /// </summary>
    public Task Started => _started.Task;

    /// <summary>Begins to listen. Dispose of the subscription to end it.</summary>
    public Subscription Listen(string tenant, string pk)
    {
        var subscription = new Subscription(this);
        _listeners[subscription] = (tenant, pk);
        return subscription;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wake = new EventWake(dataSource, logger);
        var listening = wake.ListenAsync(stoppingToken);
        var isSure = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!isSure)
                {
                    await BeginAsync(stoppingToken);
                    isSure = true;
                }

                await HandOutAsync(_last, stoppingToken);
                await wake.WaitAsync(stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                isSure = false;
                LogReadFailed(fault);
                await Task.Delay(PauseAfterFailure, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await listening;
    }

    // The Postgres that answers again may be another one, which came up empty and gives ids from one on. Then all listeners begin anew too.
    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var newest = await events.NewestIdAsync(cancellationToken);
        var isAnother = newest < _last;
        if (isAnother || !_started.Task.IsCompleted)
        {
            _last = newest;
        }

        _started.TrySetResult();
        foreach (var (listener, _) in isAnother ? _listeners.ToArray() : [])
        {
            listener.End();
        }
    }

    private async Task HandOutAsync(long last, CancellationToken cancellationToken)
    {
        List<CommandEvent> page;
        do
        {
            page = await events.ReadAsync(last, EventReader.PageSize, cancellationToken);
            // A listener that begins after this line finds the page in the table.
            var listeners = _listeners.ToLookup(listener => listener.Value, listener => listener.Key);
            foreach (var @event in page)
            {
                foreach (var listener in listeners[(@event.TenantCode, @event.Pk)])
                {
                    listener.Hand(@event);
                }

                _last = last = @event.Id;
            }
        }
        while (page.Count == EventReader.PageSize);
    }

    [LoggerMessage(LogLevel.Debug, "Reading events failed; it is tried again.")]
    private partial void LogReadFailed(Exception exception);

    /// <summary>One who listens. Its queue ends where it could not keep up.</summary>
    public sealed class Subscription(EventHub hub) : IDisposable
    {
        private readonly Channel<CommandEvent> _queue = Channel.CreateBounded<CommandEvent>(
            new BoundedChannelOptions(QueueLength) { SingleReader = true, SingleWriter = true });

        public ChannelReader<CommandEvent> Events => _queue.Reader;

        public void Dispose() => hub._listeners.TryRemove(this, out _);

        internal void Hand(CommandEvent @event)
        {
            // It must not miss one: nothing may follow what had no room.
            if (!_queue.Writer.TryWrite(@event))
            {
                End();
            }
        }

        internal void End()
        {
            _queue.Writer.TryComplete();
            Dispose();
        }
    }
}
