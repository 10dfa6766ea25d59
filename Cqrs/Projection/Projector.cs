using System.Collections.Concurrent;
using System.Diagnostics;
using Cqrs.Items;
using Microsoft.Extensions.Logging;

namespace Cqrs.Projection;

/// <summary>
/// Projects a module's commands into every read model: history, data, and the targets of the module's handlers. A command that a handler keeps
/// failing on is parked, and the others go on; a fault of a whole store is thrown, and parks nothing.
/// </summary>
internal sealed partial class Projector(
    CqrsModule module,
    DataProjection data,
    IReadOnlyList<IDataSyncHandler> handlers,
    Attempts attempts,
    TimeProvider time,
    ILogger<Projector> logger)
{
    /// <summary>The name under which a command is parked that the data table itself refuses.</summary>
    public const string DataTarget = "data";

    private const int PartSize = 250;

    private static readonly TimeSpan SyncHandlerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The module's handlers.</summary>
    public IReadOnlyList<IDataSyncHandler> Handlers => handlers;

    /// <summary>
    /// Projects commands, in any order and whether or not they were projected before. Returns when every read model has them, or they are parked.
    /// </summary>
    /// <param name="commands">The commands.</param>
    /// <param name="cancellationToken">Stops the projection; it is then to be done again.</param>
    /// <param name="position">Where they stand in the stream.</param>
    /// <returns>Items that were not there and have no first version: perhaps a purge is to be followed once more.</returns>
    public async Task<IReadOnlyCollection<ItemKey>> ProjectAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken, string? position = null)
    {
        using var activity = StartActivity(commands);

        // A large batch in parts: while the handlers have one, data gets the next.
        var handling = Task.CompletedTask;
        var orphans = new ConcurrentQueue<ItemKey>();
        try
        {
            foreach (var part in PartsOf(commands))
            {
                for (var rest = part; rest.Count > 0;)
                {
                    (var applied, rest) = await ApplyAsync(rest, orphans, position, cancellationToken);
                    await handling;
                    handling = HandleAsync(applied, position, cancellationToken);
                }
            }
        }
        finally
        {
            await handling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await handling;
        Measure(commands);
        return orphans;
    }

    private async Task<(IReadOnlyList<CommandModel> Applied, IReadOnlyList<CommandModel> Waiting)> ApplyAsync(
        IReadOnlyList<CommandModel> commands, ConcurrentQueue<ItemKey> orphans, string? position, CancellationToken cancellationToken)
    {
        var done = new ConcurrentQueue<(List<CommandModel> Applied, List<CommandModel> Waiting)>();
        await Isolation.ApplyAsync(
            commands,
            async some => done.Enqueue(await data.ApplyAsync(some, cancellationToken, orphans)),
            (command, failure) => attempts.RetryOrParkAsync(
                DataTarget,
                command,
                failure,
                async () => done.Enqueue(await data.ApplyAsync([command], cancellationToken, orphans)),
                isCritical: true,
                position,
                cancellationToken),
            cancellationToken);
        return done is { Count: 1 } && done.TryPeek(out var all)
            ? all
            : ([.. done.SelectMany(some => some.Applied)], [.. done.SelectMany(some => some.Waiting)]);
    }

    // That data has a version never means that a handler has seen it: all are handed on, to each handler by itself.
    private Task HandleAsync(IReadOnlyList<CommandModel> applied, string? position, CancellationToken cancellationToken) =>
        Task.WhenAll(handlers.Select(handler => Isolation.ApplyAsync(
            applied,
            some => handler.UpAsync(some, cancellationToken),
            (command, failure) => attempts.RetryOrParkAsync(
                handler.Name,
                command,
                failure,
                () => handler.UpAsync([command], cancellationToken),
                handler.IsCritical(failure),
                position,
                cancellationToken),
            cancellationToken)));

    // Each has all commands of its items. Every target makes its own form of them, so that it must not be large.
    private static IEnumerable<IReadOnlyList<CommandModel>> PartsOf(IReadOnlyList<CommandModel> commands)
    {
        var part = new List<CommandModel>();
        var (items, bytes) = (0, 0L);
        foreach (var item in commands.GroupBy(command => command.Key))
        {
            var size = item.Sum(command => (long)ItemSize.About(command));
            if (items == PartSize || (items > 0 && bytes + size > ItemSize.MaxBytesAtOnce))
            {
                yield return part;
                part = [];
                (items, bytes) = (0, 0);
            }

            part.AddRange(item);
            items++;
            bytes += size;
        }

        yield return part;
    }

    /// <summary>Applies what is in the way of a synchronous publish to history and data only; the handlers follow.</summary>
    public async Task<List<CommandModel>> ApplyToDataAsync(IEnumerable<CommandModel> commands, CancellationToken cancellationToken)
    {
        var (all, waiting) = await data.ApplyAsync(commands, cancellationToken);
        while (waiting.Count > 0)
        {
            (var applied, waiting) = await data.ApplyAsync(waiting, cancellationToken);
            all.AddRange(applied);
        }

        return all;
    }

    /// <summary>Hands commands that are in the data table to the handlers, for a caller who waits.</summary>
    /// <returns>Whether every handler applied them; if not, the stream will have them do it.</returns>
    public async Task<bool> TryHandleNowAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(SyncHandlerTimeout);
        foreach (var handler in handlers)
        {
            try
            {
                // Not even for its being cancelled is a handler waited for: one whose store hangs may take long over that.
                await handler.UpAsync(commands, timeout.Token).WaitAsync(timeout.Token);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogLeftToStream(exception, handler.Name, commands[^1].Id, commands[^1].Version);
                return false;
            }
        }

        return true;
    }

    /// <summary>Hands commands to one target again; from the data table they go on to the handlers.</summary>
    /// <exception cref="Exception">The target has failed.</exception>
    public async Task HandAsync(string target, IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        if (target == DataTarget)
        {
            await HandleAsync(await ApplyToDataAsync(commands, cancellationToken), null, cancellationToken);
        }
        else if (handlers.SingleOrDefault(handler => handler.Name == target) is { } handler)
        {
            await handler.UpAsync(commands, cancellationToken);
        }
    }

    /// <summary>Which versions one target has of the given items.</summary>
    public async Task<IReadOnlyDictionary<ItemKey, long>> GetAppliedVersionsAsync(
        string target, IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken) =>
        target == DataTarget
            ? await data.GetVersionsAsync(keys, cancellationToken)
            : handlers.SingleOrDefault(handler => handler.Name == target) is { } handler
                ? await handler.GetAppliedVersionsAsync(keys, cancellationToken)
                // The handler is no more: nothing waits for it.
                : keys.ToDictionary(key => key, _ => long.MaxValue);

    /// <summary>Those of the commands that a read model does not have, by its own version.</summary>
    public async Task<List<CommandModel>> FindMissingAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        var keys = commands.Select(command => command.Key).Distinct().ToList();
        List<IReadOnlyDictionary<ItemKey, long>> targets = [await data.GetVersionsAsync(keys, cancellationToken)];
        foreach (var handler in handlers)
        {
            targets.Add(await handler.GetAppliedVersionsAsync(keys, cancellationToken));
        }

        return [.. commands.Where(command => targets.Any(target => target.GetValueOrDefault(command.Key) < command.Version))];
    }

    /// <summary>Brings back what the data table says into the handlers' targets. What a handler refuses is parked.</summary>
    /// <param name="items">Newest states, one for each item.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Who refused what.</returns>
    public async Task<IReadOnlyCollection<(IDataSyncHandler Handler, ItemKey Key)>> ResyncAsync(IReadOnlyList<DataModel> items, CancellationToken cancellationToken)
    {
        var states = items.ToDictionary(item => item.Id);
        var refused = new ConcurrentQueue<(IDataSyncHandler Handler, ItemKey Key)>();
        foreach (var handler in handlers)
        {
            await Isolation.ApplyAsync(
                [.. items.Select(item => item.ToCommand())],
                some => ResyncAsync(handler, some),
                async (command, failure) =>
                {
                    if (!await attempts.RetryOrParkAsync(
                        handler.Name, command, failure, () => ResyncAsync(handler, [command]), handler.IsCritical(failure), null, cancellationToken))
                    {
                        refused.Enqueue((handler, command.Key));
                    }
                },
                cancellationToken);
        }

        return refused;

        Task ResyncAsync(IDataSyncHandler handler, IReadOnlyList<CommandModel> some) =>
            handler.ResyncAsync([.. some.Select(command => states[command.Id])], cancellationToken);
    }

    // One trace from the request to the read models. A batch that several requests share cannot be inside all their traces: it links them.
    private Activity? StartActivity(IReadOnlyList<CommandModel> commands)
    {
        var contexts = commands
            .Select(command => ActivityContext.TryParse(command.TraceParent, null, isRemote: true, out var context) ? context : default)
            .Where(context => context != default)
            .DistinctBy(context => context.TraceId)
            .ToList();
        var parent = contexts.Count == 1 ? contexts[0] : default;
        var activity = CqrsTelemetry.Source.StartActivity(
            $"project {module.Name}", ActivityKind.Consumer, parent, links: contexts.Count > 1 ? contexts.Select(c => new ActivityLink(c)) : null);
        activity?.SetTag("cqrs.module", module.Name);
        activity?.SetTag("messaging.batch.message_count", commands.Count);
        return activity;
    }

    private void Measure(IReadOnlyList<CommandModel> commands)
    {
        var tag = new KeyValuePair<string, object?>("cqrs.module", module.Name);
        var now = time.GetUtcNow();
        CqrsTelemetry.BatchSize.Record(commands.Count, tag);
        CqrsTelemetry.Projected.Add(commands.Count, tag);
        foreach (var command in commands)
        {
            CqrsTelemetry.Lag.Record(Math.Max(0, (now - command.UpdatedAt).TotalSeconds), tag);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Handler} could not apply {Id} version {Version} at once; the stream will.")]
    private partial void LogLeftToStream(Exception exception, string handler, string id, long version);
}
