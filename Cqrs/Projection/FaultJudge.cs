using System.Collections.Concurrent;
using Cqrs.CommandLog;
using Cqrs.Items;

namespace Cqrs.Projection;

/// <summary>
/// Calls handlers, and decides whether an exception is the fault of a command or of the whole store. If neither the handler nor <see cref="StoreFaults"/>
/// knows the exception, the target gets another item again that it has already. If it takes that item, the command is at fault. If it refuses that item
/// too, the store is at fault. If the target has no other item, the command is held for a while.
/// </summary>
internal sealed class FaultJudge(DataService data, TimeProvider time)
{
    /// <summary>How long a fault that nothing is known of is taken for one of the store.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(1);

    private const int OthersToTry = 3;

    private readonly ConcurrentDictionary<string, KeyVersion> _taken = new();
    private readonly ConcurrentDictionary<(string Handler, ItemKey Key), DateTimeOffset> _held = new();

    /// <summary>Has a handler apply something.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="commands">The commands to apply.</param>
    /// <param name="apply">The call.</param>
    /// <param name="isLastWord">Whether the command is given up if this fails, so that it counts if nothing is known of the fault.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="JudgedFault">The fault is of the store.</exception>
    public async Task ApplyAsync(
        IDataSyncHandler handler, IReadOnlyList<CommandModel> commands, Func<Task> apply, bool isLastWord, CancellationToken cancellationToken)
    {
        if (commands is not [.., var last])
        {
            return;
        }

        await CallAsync(handler, [.. commands.Select(command => command.Key).Distinct()], apply, isLastWord, cancellationToken);
        _taken[handler.Name] = new KeyVersion(last.Key, last.Version);
    }

    /// <summary>As <see cref="ApplyAsync"/>, for what leaves nothing in the target.</summary>
    public async Task CallAsync(
        IDataSyncHandler handler, IReadOnlyCollection<ItemKey> keys, Func<Task> call, bool isLastWord, CancellationToken cancellationToken)
    {
        try
        {
            await call();
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            var origin = handler.OriginOf(fault);
            if (origin == FaultOrigin.Unknown)
            {
                origin = await IsOfStoreAsync(handler, keys, isLastWord, cancellationToken) ? FaultOrigin.Store : FaultOrigin.Command;
            }

            if (origin == FaultOrigin.Store != StoreFaults.IsStoreFault(fault))
            {
                throw new JudgedFault(origin, fault);
            }

            throw;
        }

        foreach (var key in _held.IsEmpty ? [] : keys)
        {
            _held.TryRemove((handler.Name, key), out _);
        }
    }

    private async Task<bool> IsOfStoreAsync(
        IDataSyncHandler handler, IReadOnlyCollection<ItemKey> keys, bool isLastWord, CancellationToken cancellationToken)
    {
        if (await TakesAnotherAsync(handler, keys, cancellationToken) is { } takesAnother)
        {
            return !takesAnother;
        }

        if (!isLastWord)
        {
            return false;
        }

        // An old fault has nothing to do with this one.
        var now = time.GetUtcNow();
        var since = _held.AddOrUpdate(
            (handler.Name, keys.First()), now, (_, known) => now - known > 2 * LongestHold ? now : known);
        return now - since < LongestHold;
    }

    /// <summary>Returns whether the target takes an item again that it has as the data table has it. Null if there is none, or it is refused for its own sake.</summary>
    private async Task<bool?> TakesAnotherAsync(
        IDataSyncHandler handler, IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken)
    {
        bool? takes = null;
        try
        {
            var others = await handler.ListAsync(keys.First().Pk, cancellationToken)
                .Where(row => !keys.Contains(row.Key)).Take(OthersToTry).ToListAsync(cancellationToken);
            if (_taken.TryGetValue(handler.Name, out var last) && !keys.Contains(last.Key))
            {
                others.Insert(0, last);
            }

            var states = await data.GetAsync(others.Select(other => other.Key).Distinct(), cancellationToken);
            foreach (var state in states.Where(state => others.Contains(new(state.Key, state.Version)) && !state.IsExpired(time.GetUtcNow())))
            {
                try
                {
                    await handler.ResyncAsync([state], cancellationToken);
                    await UndoIfPurgedAsync(handler, state, cancellationToken);
                    return true;
                }
                catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
                {
                    takes = handler.OriginOf(fault) == FaultOrigin.Command ? takes : false;
                }
            }
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            // The target cannot even list its items.
            takes = handler.OriginOf(fault) == FaultOrigin.Command ? takes : false;
        }

        return takes;
    }

    // The item may have been purged, or purged and recreated, just before this write.
    private async Task UndoIfPurgedAsync(IDataSyncHandler handler, DataModel written, CancellationToken cancellationToken)
    {
        var now = (await data.GetAsync([written.Key], cancellationToken)).SingleOrDefault();
        if (now is not null && now.Version >= written.Version && now.CreatedAt == written.CreatedAt)
        {
            return;
        }

        await handler.DownAsync([new(written.Key, written.Version)], cancellationToken);
        if (now is not null)
        {
            await handler.ResyncAsync([now], cancellationToken);
        }
    }
}
