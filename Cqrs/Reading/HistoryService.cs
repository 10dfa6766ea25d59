using Cqrs.CommandLog;
using Cqrs.Items;

namespace Cqrs.Reading;

/// <summary>
/// Returns the accepted versions of an item. They are read from the command log, so they are complete whatever the lag of the worker.
/// </summary>
public sealed class HistoryService
{
    private readonly CommandStore _commands;
    private readonly DataService _data;
    private readonly Reservations _reservations;

    internal HistoryService(CommandStore commands, DataService data, Reservations reservations)
    {
        _commands = commands;
        _data = data;
        _reservations = reservations;
    }

    /// <summary>Returns the item that a code is reserved for; null if it is reserved for none.</summary>
    internal async Task<ItemKey?> FindCodeOwnerAsync(string pk, string code, CancellationToken cancellationToken) =>
        (await _reservations.FindAsync(pk, [code], cancellationToken)).TryGetValue(code, out var owner) ? owner : null;

    /// <summary>Returns one version of an item; null if it does not exist.</summary>
    public Task<CommandModel?> GetAsync(ItemKey key, long version, CancellationToken cancellationToken = default) =>
        version < 1 ? Task.FromResult<CommandModel?>(null) : _commands.GetAsync(key, version, cancellationToken);

    /// <summary>Returns the versions of an item, newest first; empty if there are none. Large ones may be fewer than asked for: those below the last one follow.</summary>
    /// <param name="key">The item.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="before">Only versions below this one; null to begin with the newest.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    public async Task<IReadOnlyList<CommandModel>> ListAsync(
        ItemKey key, int limit, long? before = null, CancellationToken cancellationToken = default)
    {
        var end = (before ?? long.MaxValue) - 1;
        // The next page begins below a version that exists.
        if (before is not null && await ReadDownAsync(key, end, limit, cancellationToken) is ([var first, ..], _) page && first.Version == end)
        {
            return page.Commands;
        }

        var known = (await _data.GetVersionsAsync([key], cancellationToken)).GetValueOrDefault(key);
        var applied = ReadDownAsync(key, Math.Min(known, end), limit, cancellationToken);
        var newest = Math.Min(end, await _commands.FindNewestVersionAsync(key, known, cancellationToken));
        var pending = await ReadDownAsync(key, newest, Math.Min(limit, newest - known), cancellationToken);
        var below = await applied;
        return pending.IsWhole ? [.. pending.Commands.Concat(below.Commands).Take(limit)] : pending.Commands;
    }

    // Returns some versions from one downwards. Large versions may be fewer than asked for.
    private async Task<(List<CommandModel> Commands, bool IsWhole)> ReadDownAsync(
        ItemKey key, long from, long count, CancellationToken cancellationToken)
    {
        var versions = Enumerable.Range(0, (int)Math.Max(0, Math.Min(from, count))).Select(step => new KeyVersion(key, from - step)).ToList();
        var (commands, read) = await _commands.GetSomeAsync(versions, cancellationToken);
        return ([.. commands.OrderByDescending(command => command.Version)], read == versions.Count);
    }
}
