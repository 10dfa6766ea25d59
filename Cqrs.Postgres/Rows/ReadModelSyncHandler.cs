using System.Runtime.CompilerServices;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Reading;
using Npgsql;

namespace Cqrs.Postgres.Rows;

/// <summary>
/// Applies commands to the Postgres table of a module. The handler of a module derives from it. The row of the module maps attributes to columns.
/// </summary>
public abstract class ReadModelSyncHandler<TRow>(NpgsqlDataSource dataSource, RowStatements<TRow> statements, HistoryService history)
    : IDataSyncHandler
    where TRow : ReadModelRow, new()
{
    private const int MaxAttempts = 20;

    private readonly CodeMoves<TRow> _moves = new(dataSource, statements, history);

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
        // First come the versions that the table does not have, with their events. After the overwriting below nobody could tell which they were.
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
        // Postgres has no row for an id with a NUL character, and refuses a query for it.
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

    // The statement gets all rows, and the ids of the rows that were added here. An added row was not handed over, so its event is not written yet.
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
                // A code has moved from one item to another, and their commands came in another order. Codes are reserved when they are published, so
                // the newest states of both items satisfy the constraint. The loop adds newer commands as long as there are any: codes may have moved
                // along a chain of any length.
                if (!await _moves.AddHoldersAsync(newest, cancellationToken)
                    && (++attempt > MaxAttempts || !await _moves.LeaveOutPurgedAsync(newest, DownAsync, cancellationToken)))
                {
                    throw;
                }
            }
            catch (PostgresException met) when (statements.IsWrittenMeanwhile(met) && attempt < MaxAttempts)
            {
                attempt++;
                // A synchronous publish and the worker inserted the same row at the same moment. ON CONFLICT watches one index; if the two meet in another
                // index, Postgres refuses the second insert. The row exists now, so the statement is repeated.
            }
        }
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
