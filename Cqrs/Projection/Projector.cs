using System.Collections.Concurrent;
using System.Diagnostics;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.Projection;

/// <summary>
/// Projects a module's commands into every read model: history, data, and the targets of the module's handlers. A command that keeps failing in one target
/// is parked, and the other commands go on. The fault of a whole store is thrown, and no command is parked.
/// </summary>
internal sealed class Projector(
    CqrsModule module,
    DataProjection data,
    HandlerProjection targets,
    Attempts attempts,
    TimeProvider time)
{
    /// <summary>The target of a parked command that the data table refuses.</summary>
    public const string DataTarget = "data";

    private const int PartSize = 250;

    /// <summary>Applies commands to the targets of the handlers.</summary>
    public HandlerProjection Targets => targets;

    /// <summary>Gets the module's handlers.</summary>
    public IReadOnlyList<IDataSyncHandler> Handlers => targets.Handlers;

    /// <summary>
    /// Projects commands. They may come in any order, and may have been projected before. Returns when every read model has them, or they are parked.
    /// </summary>
    /// <param name="commands">The commands.</param>
    /// <param name="cancellationToken">Stops the projection. The caller then repeats it.</param>
    /// <param name="position">Shard and sequence number of the batch, for people who look at a parked command.</param>
    /// <returns>The orphans: items that were not in the data table and have no first version. A purge may have to be followed once more.</returns>
    public async Task<IReadOnlyCollection<ItemKey>> ProjectAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken, string? position = null)
    {
        using var activity = StartActivity(commands);

        // A large batch is split: while the handlers apply one part, data gets the next.
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
                    handling = targets.ApplyAsync(applied, position, cancellationToken);
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
        await FaultIsolation.ApplyAsync(
            commands,
            async some => done.Enqueue(await data.ApplyAsync(some, cancellationToken, orphans)),
            (command, failure) => attempts.RetryOrParkAsync(
                DataTarget,
                command,
                failure,
                async _ => done.Enqueue(await data.ApplyAsync([command], cancellationToken, orphans)),
                isCritical: true,
                position,
                cancellationToken),
            cancellationToken);
        return done is { Count: 1 } && done.TryPeek(out var all)
            ? all
            : ([.. done.SelectMany(some => some.Applied)], [.. done.SelectMany(some => some.Waiting)]);
    }

    // A part has all commands of its items. It must not be large, because every target makes its own copy of it.
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

    /// <summary>Applies the commands before a synchronous publish to history and data. The handlers apply them later.</summary>
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

    /// <summary>Applies parked commands to their target again. If the target is the data table, they go on to the handlers.</summary>
    /// <exception cref="Exception">The target has failed.</exception>
    public async Task ReplayAsync(string target, IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        if (IsData(target))
        {
            await targets.ApplyAsync(await ApplyToDataAsync(commands, cancellationToken), null, cancellationToken);
        }
        else if (Find(target) is { } handler)
        {
            await targets.ApplyAsync(handler, commands, () => FindMissingAsync(commands, cancellationToken), cancellationToken);
        }
    }

    private IDataSyncHandler? Find(string target) => Handlers.SingleOrDefault(handler => handler.Name == target);

    /// <summary>Returns the versions that one target has of the given items.</summary>
    public async Task<IReadOnlyDictionary<ItemKey, long>> GetAppliedVersionsAsync(
        string target, IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken) =>
        IsData(target)
            ? await data.GetVersionsAsync(keys, cancellationToken)
            : Find(target) is { } handler
                ? await handler.GetAppliedVersionsAsync(keys, cancellationToken)
                // The handler was removed from the module. No command waits for it.
                : keys.ToDictionary(key => key, _ => long.MaxValue);

    // A command whose stream record could not be read begins with the data table, like every command.
    private static bool IsData(string target) => target is DataTarget or RecordParking.Target;

    /// <summary>Returns the commands that at least one read model does not have.</summary>
    public async Task<List<CommandModel>> FindMissingAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        var keys = commands.Select(command => command.Key).Distinct().ToList();
        List<IReadOnlyDictionary<ItemKey, long>> targets = [await data.GetVersionsAsync(keys, cancellationToken)];
        foreach (var handler in Handlers)
        {
            targets.Add(await handler.GetAppliedVersionsAsync(keys, cancellationToken));
        }

        return [.. commands.Where(command => targets.Any(target => target.GetValueOrDefault(command.Key) < command.Version))];
    }

    // The trace goes from the request to the read models. A batch of several requests cannot be in all their traces, so it links them.
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
}
