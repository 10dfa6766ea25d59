using Cqrs.Publishing;

namespace Cqrs;

/// <summary>
/// Every accepted version of an item, read from the log of commands itself: complete for every caller, whatever the worker's lag.
/// </summary>
public sealed class HistoryService
{
    private readonly CommandStore _commands;
    private readonly DataService _data;

    internal HistoryService(CommandStore commands, DataService data)
    {
        _commands = commands;
        _data = data;
    }

    /// <summary>One version of an item, or null.</summary>
    public Task<CommandModel?> GetAsync(ItemKey key, long version, CancellationToken cancellationToken = default) =>
        version < 1 ? Task.FromResult<CommandModel?>(null) : _commands.GetAsync(key, version, cancellationToken);

    /// <summary>The versions of an item, newest first; empty if there are none.</summary>
    /// <param name="key">The item.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="before">Only versions below this one; null to begin with the newest.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    public async Task<IReadOnlyList<CommandModel>> ListAsync(
        ItemKey key, int limit, long? before = null, CancellationToken cancellationToken = default)
    {
        var known = (await _data.GetVersionsAsync([key], cancellationToken)).GetValueOrDefault(key);
        var newest = before <= known ? before.Value - 1 : await _commands.FindNewestVersionAsync(key, known, cancellationToken);
        if (before is { } end)
        {
            newest = Math.Min(newest, end - 1);
        }

        var versions = new List<KeyVersion>();
        for (var version = newest; version >= 1 && versions.Count < limit; version--)
        {
            versions.Add(new KeyVersion(key, version));
        }

        var commands = await _commands.GetAsync(versions, cancellationToken);
        return [.. commands.OrderByDescending(command => command.Version)];
    }
}
