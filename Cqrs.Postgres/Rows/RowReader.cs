using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Cqrs.Postgres.Rows;

/// <summary>
/// Reads the rows of a statement one by one as they come. EF holds all rows of a query, because it may try it again: thousands of large ones are more
/// than there is memory for.
/// </summary>
internal sealed class RowReader<TRow>(IModel model)
    where TRow : ReadModelRow, new()
{
    private readonly Dictionary<string, Column> _columns = model.FindEntityType(typeof(TRow))!.GetProperties()
        .ToDictionary(property => property.GetColumnName(), property => new Column(property.PropertyInfo!));

    /// <returns>The rows, with the number of characters that their texts have.</returns>
    public async IAsyncEnumerable<(TRow Row, int Characters)> ReadAsync(DbCommand select, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var columns = Enumerable.Range(0, reader.FieldCount).Select(i => _columns[reader.GetName(i)]).ToArray();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (row, characters) = (new TRow(), 0);
            for (var i = 0; i < columns.Length; i++)
            {
                characters += columns[i].Read(reader, i, row);
            }

            yield return (row, characters);
        }
    }

    private sealed class Column(PropertyInfo property)
    {
        private readonly Action<TRow, DbDataReader, int> _set = MakeSet(property);

        /// <returns>How many characters it has, if it is a text.</returns>
        public int Read(DbDataReader reader, int ordinal, TRow row)
        {
            if (reader.IsDBNull(ordinal))
            {
                return 0;
            }

            _set(row, reader, ordinal);
            return property.PropertyType == typeof(string) ? ((string)property.GetValue(row)!).Length : 0;
        }

        // row.Name = reader.GetFieldValue<string>(ordinal)
        private static Action<TRow, DbDataReader, int> MakeSet(PropertyInfo property)
        {
            var (row, reader, ordinal) =
                (Expression.Parameter(typeof(TRow)), Expression.Parameter(typeof(DbDataReader)), Expression.Parameter(typeof(int)));
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            var value = Expression.Call(reader, nameof(DbDataReader.GetFieldValue), [type], ordinal);
            return Expression.Lambda<Action<TRow, DbDataReader, int>>(
                Expression.Assign(Expression.Property(row, property), Expression.Convert(value, property.PropertyType)), row, reader, ordinal).Compile();
        }
    }
}
