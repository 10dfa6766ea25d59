using Cqrs.Items;
using Cqrs.Reading;
using Npgsql;

namespace Cqrs.Postgres.Rows;

/// <summary>
/// Brings items up together whose codes have moved from one to another. The commands that say so may come in any order, and no two rows may have one code
/// when a transaction ends.
/// </summary>
internal sealed class CodeMoves<TRow>(NpgsqlDataSource dataSource, RowStatements<TRow> statements, HistoryService history)
    where TRow : ReadModelRow, new()
{
    /// <summary>Adds the newest commands of the items whose rows hold a code that another item is to have, and of the items that want it.</summary>
    /// <returns>Whether there is anything new to write.</returns>
    public async Task<bool> AddHoldersAsync(Dictionary<string, CommandModel> newest, CancellationToken cancellationToken)
    {
        var holders = (await HoldersAsync(newest, cancellationToken)).ConvertAll(holder => holder.Key);
        var wanting = (holders.Count > 0 ? newest.Values : Clashing(newest)).Select(command => command.Key);

        // Only if all holders are known: neither they nor those who want a code may be the newest of their items. The code may have moved on since.
        return await AddNewestAsync(newest, holders.Where(key => !newest.ContainsKey(key.Id)), cancellationToken)
            || await AddNewestAsync(newest, holders.Concat(wanting), cancellationToken);
    }

    private async Task<bool> AddNewestAsync(Dictionary<string, CommandModel> newest, IEnumerable<ItemKey> keys, CancellationToken cancellationToken)
    {
        var hasChanged = false;
        foreach (var key in keys.Distinct().ToList())
        {
            if (await history.ListAsync(key, 1, cancellationToken: cancellationToken) is [var command]
                && (!newest.TryGetValue(command.Id, out var known) || known.Version < command.Version))
            {
                newest[command.Id] = command;
                hasChanged = true;
            }
        }

        return hasChanged;
    }

    /// <summary>
    /// Leaves out purged items. The item that holds the code may have been purged, and the records of the purge are yet to come. Its command is gone then,
    /// and its row is not needed. Under its version there may be the command of an item that was created anew.
    /// </summary>
    /// <returns>Whether an item was left out or its row was taken down.</returns>
    public async Task<bool> LeaveOutPurgedAsync(
        Dictionary<string, CommandModel> newest, Func<IReadOnlyList<KeyVersion>, CancellationToken, Task> takeDown, CancellationToken cancellationToken)
    {
        var hasChanged = false;
        foreach (var command in Clashing(newest).ToList())
        {
            var holder = Holder.Of(command);
            if (await MakerOfAsync(holder, cancellationToken) is not { } maker || !holder.IsMadeBy(maker))
            {
                newest.Remove(command.Id);
                hasChanged = true;
            }
        }

        foreach (var holder in await HoldersAsync(newest, cancellationToken))
        {
            var maker = await MakerOfAsync(holder, cancellationToken);
            if (maker is null || !holder.IsMadeBy(maker))
            {
                await takeDown([new KeyVersion(holder.Key, holder.Version)], cancellationToken);
                if (maker is not null && (!newest.TryGetValue(maker.Id, out var known) || known.Version < maker.Version))
                {
                    newest[maker.Id] = maker;
                }

                hasChanged = true;
            }
        }

        return hasChanged;
    }

    // Returns the command of the version; null if the item has no first version any more. Later versions are then only leftovers to be removed.
    private async Task<CommandModel?> MakerOfAsync(Holder holder, CancellationToken cancellationToken) =>
        await history.GetAsync(holder.Key, 1, cancellationToken) is { } first
            ? holder.Version == 1 ? first : await history.GetAsync(holder.Key, holder.Version, cancellationToken)
            : null;

    // Rows that have a code which another item is to have.
    private async Task<List<Holder>> HoldersAsync(Dictionary<string, CommandModel> newest, CancellationToken cancellationToken)
    {
        await using var select = statements.SelectHolders(dataSource, [.. newest.Values.Select(c => (c.TenantCode, c.Code, c.Id))]);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var holders = new List<Holder>();
        while (await reader.ReadAsync(cancellationToken))
        {
            holders.Add(new Holder(
                new ItemKey(reader.GetString(0), reader.GetString(1)),
                reader.GetInt64(2),
                reader.GetString(3),
                await reader.GetFieldValueAsync<DateTimeOffset>(4, cancellationToken)));
        }

        return holders;
    }

    private static IEnumerable<CommandModel> Clashing(Dictionary<string, CommandModel> newest) => newest.Values
        .GroupBy(command => (command.TenantCode, command.Code))
        .Where(group => group.Count() > 1)
        .SelectMany(group => group);

    private sealed record Holder(ItemKey Key, long Version, string RequestId, DateTimeOffset UpdatedAt)
    {
        public static Holder Of(CommandModel command) => new(command.Key, command.Version, command.RequestId, command.UpdatedAt);

        public bool IsMadeBy(CommandModel command) => Of(command) == this;
    }
}
