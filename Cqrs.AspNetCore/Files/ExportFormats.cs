using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Items;
using CsvHelper;

namespace Cqrs.AspNetCore.Files;

/// <summary>An item in a file: of the shape of the body of a POST.</summary>
internal sealed record ExportLine(
    string Sk,
    string Code,
    string Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Seq,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Ttl,
    bool IsDeleted,
    JsonObject Attributes)
{
    public static ExportLine From(Entity entity) =>
        new(entity.Sk, entity.Code, entity.Name, entity.Seq, entity.Ttl, entity.IsDeleted, entity.Attributes);

    public JsonObject ToBody() => (JsonObject)JsonSerializer.SerializeToNode(this, ApiJson.Options)!;
}

/// <summary>Writes items to a file.</summary>
internal interface IExportFormat
{
    string ContentType { get; }

    string Extension { get; }

    Task WriteAsync(TextWriter writer, IAsyncEnumerable<ExportLine> lines, CancellationToken cancellationToken);
}

/// <summary>
/// Writes JSON Lines. What an item does not have is a null there: an import leaves what a line does not name, and the file says what the item is.
/// </summary>
internal sealed class JsonLinesExport(IReadOnlyList<Column> columns) : IExportFormat
{
    public string ContentType => "application/x-ndjson; charset=utf-8";

    public string Extension => "jsonl";

    public async Task WriteAsync(TextWriter writer, IAsyncEnumerable<ExportLine> lines, CancellationToken cancellationToken)
    {
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            var body = line.ToBody();
            foreach (var column in columns)
            {
                NameIfAbsent(body, column.Path);
            }

            await writer.WriteAsync(body.ToJsonString(ApiJson.Options).AsMemory(), cancellationToken);
            await writer.WriteAsync('\n');
        }
    }

    // A null where an object could be says it of all that would be in it.
    private static void NameIfAbsent(JsonObject body, IEnumerable<string> path)
    {
        JsonNode? node = body;
        foreach (var name in path)
        {
            if (node is not JsonObject members)
            {
                return;
            }

            members.TryAdd(name, null);
            node = members[name];
        }
    }
}

internal sealed class CsvExport(IReadOnlyList<Column> columns) : IExportFormat
{
    public string ContentType => "text/csv; charset=utf-8; header=present";

    public string Extension => "csv";

    public async Task WriteAsync(TextWriter writer, IAsyncEnumerable<ExportLine> lines, CancellationToken cancellationToken)
    {
        await using var csv = new CsvWriter(writer, CultureInfo.InvariantCulture, leaveOpen: true);
        foreach (var column in columns)
        {
            csv.WriteField(column.Name);
        }

        await csv.NextRecordAsync();
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            var body = line.ToBody();
            foreach (var column in columns)
            {
                csv.WriteField(CsvCell.Write(column.Path.Aggregate((JsonNode?)body, (node, name) => (node as JsonObject)?[name]), column.Kind));
            }

            await csv.NextRecordAsync();
        }
    }
}
