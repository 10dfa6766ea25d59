using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cqrs.AspNetCore.Files;

/// <summary>Reads the rows of a CSV file by its header. Columns that are not the module's are passed over.</summary>
internal static class CsvRows
{
    /// <exception cref="UnreadableFileException">The header does not tell what the rows are.</exception>
    public static async IAsyncEnumerable<ImportRow> ReadAsync(
        TextReader text, IReadOnlyList<Column> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var records = new CsvRecords(text);
        var header = await records.ReadAsync(cancellationToken);
        var order = ReadHeader(header, columns);
        while (await records.ReadAsync(cancellationToken) is { } record)
        {
            yield return Read(record, header!.Fields.Length, order);
        }
    }

    private static Column?[] ReadHeader(CsvRecord? header, IReadOnlyList<Column> columns)
    {
        if (header is null)
        {
            throw new UnreadableFileException(new RowError(1, null, null, "the file is empty: a header row is required"));
        }

        if (header.Problem is { } problem)
        {
            throw new UnreadableFileException(new RowError(header.Line, null, null, problem));
        }

        var names = header.Fields.Select(name => name.Trim()).ToList();
        var order = names
            .Select(name => columns.SingleOrDefault(column => string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase)))
            .ToArray();
        if (order.OfType<Column>().GroupBy(column => column).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new UnreadableFileException(new RowError(header.Line, twice.Key.Name, null, "stands twice in the header"));
        }

        if (!order.OfType<Column>().Any(column => column.Name is Column.Sk or Column.Code))
        {
            throw new UnreadableFileException(new RowError(
                header.Line, null, ImportRow.Shorten(string.Join(',', names)), "the header has neither sk nor code (columns are separated by commas)"));
        }

        return order;
    }

    private static ImportRow Read(CsvRecord record, int expected, Column?[] order)
    {
        if (record.Problem is { } problem)
        {
            return ImportRow.Unreadable(record.Line, problem);
        }

        if (record.Fields.Length != expected)
        {
            return ImportRow.Unreadable(record.Line, $"the row has {record.Fields.Length} fields, the header {expected}");
        }

        var body = new JsonObject();
        var errors = new List<RowError>();
        for (var i = 0; i < order.Length; i++)
        {
            if (order[i] is not { } column)
            {
                continue;
            }

            var (value, unreadable) = CsvCell.Read(record.Fields[i], column.Kind);
            if (unreadable is not null)
            {
                errors.Add(new RowError(record.Line, column.Name, ImportRow.Shorten(record.Fields[i]), unreadable));
            }

            // Without a key of its own the item gets one, and it keeps its code: an empty cell does not take them away.
            if (value is not null || column.Name is not (Column.Sk or Column.Code))
            {
                Put(body, column.Path, value);
            }
        }

        return new ImportRow(record.Line, JsonSerializer.SerializeToElement(body), body, errors, IsCsv: true);
    }

    private static void Put(JsonObject body, IReadOnlyList<string> path, JsonNode? value)
    {
        var target = path.SkipLast(1).Aggregate(body, (node, name) => (JsonObject)(node[name] ??= new JsonObject()));
        target[path[^1]] = value;
    }
}
