using Cqrs.Items;
using Cqrs.Postgres.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Cqrs.Postgres.Rows;

/// <summary>
/// The statements that bring the table of a module up to commands, made from the EF model: one multi-row upsert for a whole batch, in
/// which each row decides by its own version whether it changes.
/// </summary>
public sealed class RowStatements<TRow>
    where TRow : ReadModelRow, new()
{
    private readonly List<Column> _columns;
    private readonly string _upsert;
    private readonly string _overwrite;
    private readonly string _given;

    public RowStatements(IModel model)
    {
        var entity = model.FindEntityType(typeof(TRow)) ?? throw new InvalidOperationException($"{typeof(TRow)} is not in the read model.");
        Table = entity.GetTableName()!;
        _columns = [.. entity.GetProperties().Select(property => new Column(property))];

        var names = string.Join(", ", _columns.Select(column => column.Name));
        var arrays = string.Join(", ", _columns.Select((column, i) => $"@row{i}::{column.StoreType}[]"));
        _given = $"SELECT * FROM unnest({arrays}) AS given ({names})";
        var changes = string.Join(", ", _columns.Where(c => c.Name != "id").Select(c => $"{c.Name} = excluded.{c.Name}"));
        var insert = $"INSERT INTO {Table} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT (id) DO UPDATE SET {changes} WHERE {Table}.version";
        _upsert = EventStatements.WithFinishedEvents(
            $"{insert} < excluded.version RETURNING id, tenant_code, pk, sk, version", ParameterOf("id"), ParameterOf("version"));
        _overwrite = $"{insert} <= excluded.version";

        string ParameterOf(string column) => $"@row{_columns.FindIndex(c => c.Name == column)}";
    }

    public string Table { get; }

    /// <summary>
    /// Writes rows; those that the table has at the same version or above stay as they are. The statement also writes the events, for the rows that it
    /// changes, and for those that were written without before.
    /// </summary>
    /// <param name="dataSource">Where to.</param>
    /// <param name="rows">At most one for each id. Sorted by id, so that two writers cannot lock each other out.</param>
    /// <param name="unannounced">The ids of the rows that get no event yet.</param>
    public NpgsqlCommand Upsert(NpgsqlDataSource dataSource, IReadOnlyList<TRow> rows, IReadOnlyCollection<string> unannounced)
    {
        var command = Write(dataSource, _upsert, rows);
        command.Parameters.AddWithValue("unannounced", unannounced.ToArray());
        return command;
    }

    /// <summary>Writes rows over those of the same version too, without events.</summary>
    public NpgsqlCommand Overwrite(NpgsqlDataSource dataSource, IReadOnlyList<TRow> rows) => Write(dataSource, _overwrite, rows);

    /// <summary>Returns the rows that commands would make if they were in the table, for a query to ask them too.</summary>
    public IQueryable<TRow> Given(ReadModelContext readModel, IEnumerable<CommandModel> commands) =>
        readModel.Set<TRow>().FromSqlRaw(_given, ToParameters([.. commands.Select(ToRow)]));

    /// <summary>Returns the row that a command makes.</summary>
    public static TRow ToRow(CommandModel command)
    {
        var row = new TRow();
        row.CopyFrom(command);
        return row;
    }

    private NpgsqlCommand Write(NpgsqlDataSource dataSource, string statement, IReadOnlyList<TRow> rows)
    {
        var command = dataSource.CreateCommand(statement);
        command.Parameters.AddRange(ToParameters(rows));
        return command;
    }

    /// <summary>Deletes rows, each only at the version given. What was due to be told of them is not any more.</summary>
    public NpgsqlCommand Delete(NpgsqlDataSource dataSource, IReadOnlyList<KeyVersion> items)
    {
        var command = dataSource.CreateCommand(
            $"""
             WITH gone AS (
                 DELETE FROM {Table} t USING unnest(@ids, @versions) AS gone(id, version) WHERE t.id = gone.id AND t.version = gone.version
                 RETURNING t.id)
             DELETE FROM due_events d USING gone WHERE d.id = gone.id
             """);
        command.Parameters.AddWithValue("ids", items.Select(item => item.Key.Id).ToArray());
        command.Parameters.AddWithValue("versions", items.Select(item => item.Version).ToArray());
        return command;
    }

    /// <summary>Selects pk, sk and version of rows, in sk order as DynamoDB has it.</summary>
    public NpgsqlCommand SelectVersions(NpgsqlDataSource dataSource, string condition, object value)
    {
        var command = dataSource.CreateCommand($"SELECT pk, sk, version FROM {Table} WHERE {condition} ORDER BY sk COLLATE \"C\"");
        command.Parameters.AddWithValue("value", value);
        return command;
    }

    /// <summary>Selects pk, sk, version and what else identifies the command of rows that hold a code which another item is to have.</summary>
    public NpgsqlCommand SelectHolders(NpgsqlDataSource dataSource, IReadOnlyList<(string TenantCode, string Code, string Id)> wanted)
    {
        var command = dataSource.CreateCommand(
            $"""
             SELECT held.pk, held.sk, held.version, held.request_id, held.updated_at, held.code
             FROM {Table} held JOIN unnest(@tenants, @codes, @ids) AS wanted(tenant_code, code, id)
             ON held.tenant_code = wanted.tenant_code AND held.code = wanted.code AND held.id <> wanted.id
             """);
        command.Parameters.AddWithValue("tenants", wanted.Select(w => w.TenantCode).ToArray());
        command.Parameters.AddWithValue("codes", wanted.Select(w => w.Code).ToArray());
        command.Parameters.AddWithValue("ids", wanted.Select(w => w.Id).ToArray());
        return command;
    }

    /// <summary>Returns whether a statement was refused because two items would have one code.</summary>
    public bool IsCodeTaken(PostgresException exception) =>
        exception.SqlState == PostgresErrorCodes.UniqueViolation && exception.ConstraintName == CodeConstraint.NameOn(Table);

    /// <summary>Returns whether a statement was refused because one of its rows was inserted by somebody else at that moment.</summary>
    public bool IsWrittenMeanwhile(PostgresException exception) =>
        exception.SqlState == PostgresErrorCodes.UniqueViolation && exception.TableName == Table && !IsCodeTaken(exception);

    private NpgsqlParameter[] ToParameters(IReadOnlyList<TRow> rows) => [.. _columns.Select((column, i) => column.ToParameter($"row{i}", rows))];

    private sealed class Column(IProperty property)
    {
        // The element type keeps its nullability: an array of decimal? carries nulls, one of decimal cannot.
        private readonly Type _elementType = property.ClrType;

        public string Name { get; } = property.GetColumnName();

        public string StoreType { get; } = property.GetColumnType();

        public NpgsqlParameter ToParameter(string name, IReadOnlyList<TRow> rows)
        {
            var values = Array.CreateInstance(_elementType, rows.Count);
            for (var i = 0; i < rows.Count; i++)
            {
                values.SetValue(property.PropertyInfo!.GetValue(rows[i]), i);
            }

            return new NpgsqlParameter(name, values) { DataTypeName = $"{StoreType}[]" };
        }
    }
}
