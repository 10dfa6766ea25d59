using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;
using Modules.Http;

namespace Modules.Transfer;

/// <summary>An item in a file: of the shape of the body of a POST.</summary>
internal sealed record ExportLine(
    string Sk, string Code, string Name, long? Seq, long? Ttl, bool IsDeleted, JsonObject Attributes)
{
    public static ExportLine From(Entity entity) =>
        new(entity.Sk, entity.Code, entity.Name, entity.Seq, entity.Ttl, entity.IsDeleted, entity.Attributes);
}

/// <summary>Writes items to a file.</summary>
internal interface IExportFormat
{
    string ContentType { get; }

    string Extension { get; }

    Task WriteAsync(TextWriter writer, IAsyncEnumerable<ExportLine> lines, CancellationToken cancellationToken);
}

internal sealed class JsonLinesExport : IExportFormat
{
    public string ContentType => "application/x-ndjson; charset=utf-8";

    public string Extension => "jsonl";

    public async Task WriteAsync(TextWriter writer, IAsyncEnumerable<ExportLine> lines, CancellationToken cancellationToken)
    {
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            await writer.WriteAsync(JsonSerializer.Serialize(line, ApiJson.Options).AsMemory(), cancellationToken);
            await writer.WriteAsync('\n');
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
            var body = JsonSerializer.SerializeToNode(line, ApiJson.Options);
            foreach (var column in columns)
            {
                csv.WriteField(CsvCell.Write(column.Path.Aggregate(body, (node, name) => (node as JsonObject)?[name]), column.Kind));
            }

            await csv.NextRecordAsync();
        }
    }
}
