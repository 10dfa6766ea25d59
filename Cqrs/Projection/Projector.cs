using System.Collections.Concurrent;
using System.Diagnostics;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.Projection;

/// <summary>
/// Projects a module's commands into every read model: history, data, and the targets of the module's handlers. A command that a handler keeps
/// failing on is parked, and the others go on; a fault of a whole store is thrown, and parks nothing.
/// </summary>
internal sealed class Projector(
    CqrsModule module,
    DataProjection data,
    HandlerProjection targets,
    Attempts attempts,
    TimeProvider time)
{
    /// <summary>The name under which a command is parked that the data table itself refuses.</summary>
    public const string DataTarget = "data";

    private const int PartSize = 250;

    /// <summary>Brings the handlers' targets up.</summary>
    public HandlerProjection Targets => targets;

    /// <summary>The module's handlers.</summary>
    public IReadOnlyList<IDataSyncHandler> Handlers => targets.Handlers;

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
        await Isolation.ApplyAsync(
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

    /// <summary>Hands commands to one target again; from the data table they go on to the handlers.</summary>
    /// <exception cref="Exception">The target has failed.</exception>
    public async Task HandAsync(string target, IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
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

    /// <summary>Which versions one target has of the given items.</summary>
    public async Task<IReadOnlyDictionary<ItemKey, long>> GetAppliedVersionsAsync(
        string target, IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken) =>
        IsData(target)
            ? await data.GetVersionsAsync(keys, cancellationToken)
            : Find(target) is { } handler
                ? await handler.GetAppliedVersionsAsync(keys, cancellationToken)
                // The handler is no more: nothing waits for it.
                : keys.ToDictionary(key => key, _ => long.MaxValue);

    // A command whose record could not be read in the stream goes into data first, as all do.
    private static bool IsData(string target) => target is DataTarget or SettingAside.Target;

    /// <summary>Those of the commands that a read model does not have, by its own version.</summary>
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
}
