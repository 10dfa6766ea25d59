using Cqrs.Items;
using Cqrs.Reading;
using Npgsql;

namespace Cqrs.Postgres.Rows;

/// <summary>
/// Resolves conflicts of codes between rows. A code may move from one item to another, and the commands of both may come in any order. Two rows may not have
/// the same code when a transaction ends, so both items are written together.
/// </summary>
internal sealed class CodeMoves<TRow>(NpgsqlDataSource dataSource, RowStatements<TRow> statements, HistoryService history)
    where TRow : ReadModelRow, new()
{
    /// <summary>Adds the newest commands of the items whose rows hold a code that another item is to have, and of the items that want it.</summary>
    /// <returns>Whether there is anything new to write.</returns>
    public async Task<bool> AddHoldersAsync(Dictionary<string, CommandModel> newest, CancellationToken cancellationToken)
    {
        var holders = (await HoldersAsync(newest, cancellationToken)).ConvertAll(holder => holder.Key);
        var claimants = (holders.Count > 0 ? newest.Values : Clashing(newest)).Select(command => command.Key);

        // If all holders are in the batch already, holders and claimants may be outdated: the code may have moved on.
        return await AddNewestAsync(newest, holders.Where(key => !newest.ContainsKey(key.Id)), cancellationToken)
            || await AddNewestAsync(newest, holders.Concat(claimants), cancellationToken);
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
    /// Leaves out purged items. The holder of a code may have been purged before the worker has seen the records of the purge. Its command is gone then, and
    /// its row is not needed. A recreated item may have another command under the same version.
    /// </summary>
    /// <returns>Whether an item was left out or its row was taken down.</returns>
    public async Task<bool> LeaveOutPurgedAsync(
        Dictionary<string, CommandModel> newest, Func<IReadOnlyList<KeyVersion>, CancellationToken, Task> takeDown, CancellationToken cancellationToken)
    {
        var hasChanged = false;
        foreach (var command in Clashing(newest).ToList())
        {
            var holder = CodeHolder.Of(command);
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
            else if (await IsFreedAsync(holder, newest, cancellationToken))
            {
                await takeDown([new KeyVersion(holder.Key, holder.Version)], cancellationToken);
                hasChanged = true;
            }
        }

        return hasChanged;
    }

    // A purge frees the code of an item before it deletes the commands. Meanwhile the commands of the item still claim the code, and the reservation tells
    // that another item of the batch has it.
    private async Task<bool> IsFreedAsync(CodeHolder holder, Dictionary<string, CommandModel> newest, CancellationToken cancellationToken) =>
        await history.FindCodeOwnerAsync(holder.Key.Pk, holder.Code, cancellationToken) is { } owner
        && owner != holder.Key
        && newest.TryGetValue(owner.Id, out var claimant)
        && claimant.Code == holder.Code;

    // Returns the command of the version; null if the item has no first version. Later versions are leftovers of a purged item then.
    private async Task<CommandModel?> MakerOfAsync(CodeHolder holder, CancellationToken cancellationToken) =>
        await history.GetAsync(holder.Key, 1, cancellationToken) is { } first
            ? holder.Version == 1 ? first : await history.GetAsync(holder.Key, holder.Version, cancellationToken)
            : null;

    // Returns the rows that have a code which another item of the batch claims.
    private async Task<List<CodeHolder>> HoldersAsync(Dictionary<string, CommandModel> newest, CancellationToken cancellationToken)
    {
        await using var select = statements.SelectHolders(dataSource, [.. newest.Values.Select(c => (c.TenantCode, c.Code, c.Id))]);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var holders = new List<CodeHolder>();
        while (await reader.ReadAsync(cancellationToken))
        {
            holders.Add(new CodeHolder(
                new ItemKey(reader.GetString(0), reader.GetString(1)),
                reader.GetInt64(2),
                reader.GetString(3),
                await reader.GetFieldValueAsync<DateTimeOffset>(4, cancellationToken),
                reader.GetString(5)));
        }

        return holders;
    }

    private static IEnumerable<CommandModel> Clashing(Dictionary<string, CommandModel> newest) => newest.Values
        .GroupBy(command => (command.TenantCode, command.Code))
        .Where(group => group.Count() > 1)
        .SelectMany(group => group);

    private sealed record CodeHolder(ItemKey Key, long Version, string RequestId, DateTimeOffset UpdatedAt, string Code)
    {
        public static CodeHolder Of(CommandModel command) =>
            new(command.Key, command.Version, command.RequestId, command.UpdatedAt, command.Code);

        public bool IsMadeBy(CommandModel command) => Of(command) == this;
    }
}
