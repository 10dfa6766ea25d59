using System.Runtime.CompilerServices;
using Cqrs;
using Npgsql;

namespace Modules.ReadModel;

/// <summary>
/// Brings the Postgres table of a module up to its commands. A module derives from it and says how attributes map to columns.
/// </summary>
public abstract class ReadModelSyncHandler<TRow>(NpgsqlDataSource dataSource, RowStatements<TRow> statements) : IDataSyncHandler
    where TRow : ReadModelRow, new()
{
    public virtual string Name => GetType().Name;

    public async Task UpAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken) =>
        await UpsertAsync(commands, isOverwrite: false, cancellationToken);

    public async Task ResyncAsync(IReadOnlyList<DataModel> items, CancellationToken cancellationToken) =>
        await UpsertAsync(items.Select(item => item.ToCommand()), isOverwrite: true, cancellationToken);

    public async Task DownAsync(IReadOnlyList<KeyVersion> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
        {
            return;
        }

        await using var command = dataSource.CreateCommand(
            $"DELETE FROM {statements.Table} t USING unnest(@ids, @versions) AS gone(id, version) WHERE t.id = gone.id AND t.version = gone.version");
        command.Parameters.AddWithValue("ids", items.Select(item => item.Key.Id).ToArray());
        command.Parameters.AddWithValue("versions", items.Select(item => item.Version).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IReadOnlyDictionary<ItemKey, long>> GetAppliedVersionsAsync(
        IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"SELECT pk, sk, version FROM {statements.Table} WHERE id = ANY(@ids)");
        command.Parameters.AddWithValue("ids", keys.Select(key => key.Id).ToArray());
        var versions = new Dictionary<ItemKey, long>();
        await foreach (var (key, version) in ReadAsync(command, cancellationToken))
        {
            versions[key] = version;
        }

        return versions;
    }

    public async IAsyncEnumerable<KeyVersion> ListAsync(string pk, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"SELECT pk, sk, version FROM {statements.Table} WHERE pk = @pk ORDER BY sk COLLATE \"C\"");
        command.Parameters.AddWithValue("pk", pk);
        await foreach (var row in ReadAsync(command, cancellationToken))
        {
            yield return row;
        }
    }

    /// <summary>Sets the module's own columns from the attributes of a command.</summary>
    protected abstract void MapAttributes(CommandModel command, TRow row);

    private async Task UpsertAsync(IEnumerable<CommandModel> commands, bool isOverwrite, CancellationToken cancellationToken)
    {
        var rows = commands
            .GroupBy(command => command.Id)
            .Select(group => ToRow(group.MaxBy(command => command.Version)!))
            .OrderBy(row => row.Id, StringComparer.Ordinal)
            .ToList();
        if (rows.Count == 0)
        {
            return;
        }

        await using var upsert = statements.Upsert(dataSource, rows, isOverwrite);
        await upsert.ExecuteNonQueryAsync(cancellationToken);
    }

    private TRow ToRow(CommandModel command)
    {
        var row = new TRow();
        row.CopyFrom(command);
        MapAttributes(command, row);
        return row;
    }

    private static async IAsyncEnumerable<KeyVersion> ReadAsync(
        NpgsqlCommand command, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new KeyVersion(new ItemKey(reader.GetString(0), reader.GetString(1)), reader.GetInt64(2));
        }
    }
}
