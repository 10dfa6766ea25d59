using System.Runtime.CompilerServices;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Reading;
using Npgsql;

namespace Cqrs.Postgres.Rows;

/// <summary>
/// Brings the Postgres table of a module up to its commands. A module derives from it; its row says how attributes map to columns.
/// </summary>
public abstract class ReadModelSyncHandler<TRow>(NpgsqlDataSource dataSource, RowStatements<TRow> statements, HistoryService history)
    : IDataSyncHandler
    where TRow : ReadModelRow, new()
{
    private const int MaxAttempts = 20;

    public virtual string Name => GetType().Name;

    /// <summary>Events are written with the rows.</summary>
    public bool AnnouncesFinished => true;

    public Task UpAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken) =>
        UpsertAsync(commands, (rows, added) => statements.Upsert(dataSource, rows, added), cancellationToken);

    public Task UpUnannouncedAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken) =>
        UpsertAsync(commands, (rows, _) => statements.Upsert(dataSource, rows, [.. rows.Select(row => row.Id)]), cancellationToken);

    public async Task ResyncAsync(IReadOnlyList<DataModel> items, CancellationToken cancellationToken)
    {
        var commands = items.Select(item => item.ToCommand()).ToList();
        // Versions that the table does not have yet come first, with their events. Once overwritten, they could not be told from the others.
        await UpUnannouncedAsync(commands, cancellationToken);
        await UpsertAsync(commands, (rows, _) => statements.Overwrite(dataSource, rows), cancellationToken);
    }

    public async Task DownAsync(IReadOnlyList<KeyVersion> items, CancellationToken cancellationToken)
    {
        if (items.Count > 0)
        {
            await using var delete = statements.Delete(dataSource, items);
            await delete.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public async Task<IReadOnlyDictionary<ItemKey, long>> GetAppliedVersionsAsync(
        IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken)
    {
        // Of an item whose id Postgres cannot hold there is no row, and to ask for it would fail.
        var ids = keys.Select(key => key.Id).Where(id => !id.Contains('\0')).ToArray();
        await using var select = statements.SelectVersions(dataSource, "id = ANY(@value)", ids);
        var versions = new Dictionary<ItemKey, long>();
        await foreach (var (key, version) in ReadAsync(select, cancellationToken))
        {
            versions[key] = version;
        }

        return versions;
    }

    public async IAsyncEnumerable<KeyVersion> ListAsync(string pk, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var select = statements.SelectVersions(dataSource, "pk = @value", pk);
        await foreach (var row in ReadAsync(select, cancellationToken))
        {
            yield return row;
        }
    }

    public async IAsyncEnumerable<KeyVersion> ListExpiredAsync(
        DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var select = statements.SelectVersions(dataSource, "expires_at <= @value", now);
        await foreach (var row in ReadAsync(select, cancellationToken))
        {
            yield return row;
        }
    }

    // The statement is given the rows and, of those, the ids of items that were added: they were not handed over, and are not to be told of.
    private async Task UpsertAsync(
        IEnumerable<CommandModel> commands, Func<List<TRow>, List<string>, NpgsqlCommand> statement, CancellationToken cancellationToken)
    {
        var newest = commands
            .GroupBy(command => command.Id)
            .Select(group => group.MaxBy(command => command.Version)!)
            .ToDictionary(command => command.Id);
        var handed = newest.ToDictionary(item => item.Key, item => item.Value.Version);
        for (var attempt = 1; newest.Count > 0;)
        {
            var rows = newest.Values.Select(RowStatements<TRow>.ToRow).OrderBy(row => row.Id, StringComparer.Ordinal).ToList();
            var added = rows.Where(row => handed.GetValueOrDefault(row.Id) < row.Version).Select(row => row.Id).ToList();
            await using var upsert = statement(rows, added);
            try
            {
                await upsert.ExecuteNonQueryAsync(cancellationToken);
                return;
            }
            catch (PostgresException taken) when (statements.IsCodeTaken(taken))
            {
                // A code has moved from one item to another, and the commands that say so have not come in that order: bring both to their
                // newest, and the constraint holds, because codes are reserved when they are published. That goes on for as long as there is a
                // newer command to bring: codes may have moved along a chain of any length.
                if (!await AddHoldersAsync(newest, cancellationToken)
                    && (++attempt > MaxAttempts || !await LeaveOutPurgedAsync(newest, cancellationToken)))
                {
                    throw;
                }
            }
            catch (PostgresException met) when (statements.IsWrittenMeanwhile(met) && attempt < MaxAttempts)
            {
                attempt++;
                // Another writer inserted the same row at the same moment (a synchronous publish, and the worker). ON CONFLICT goes by one index;
                // where both meet in another one, Postgres refuses the second. Now the row is there.
            }
        }
    }

    private async Task<bool> AddHoldersAsync(Dictionary<string, CommandModel> newest, CancellationToken cancellationToken)
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

    // The item that holds the code may have been purged, and the records of the purge are yet to come. Its command is gone then, and its row is not
    // needed. Under its version there may be the command of an item that was created anew.
    private async Task<bool> LeaveOutPurgedAsync(Dictionary<string, CommandModel> newest, CancellationToken cancellationToken)
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
                await DownAsync([new KeyVersion(holder.Key, holder.Version)], cancellationToken);
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

    private static async IAsyncEnumerable<KeyVersion> ReadAsync(
        NpgsqlCommand select, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new KeyVersion(new ItemKey(reader.GetString(0), reader.GetString(1)), reader.GetInt64(2));
        }
    }
}
