using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Modules.Http;

namespace Modules.Transfer;

/// <summary>Reads JSON Lines: an object in each line, of the shape of the body of a POST.</summary>
internal static class JsonLines
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ApiJson.Options.MaxDepth, AllowDuplicateProperties = false };

    public static async IAsyncEnumerable<ImportRow> ReadAsync(TextReader text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = new LineReader(text);
        while (await lines.ReadAsync(cancellationToken) is { } line)
        {
            if (!line.IsBlank)
            {
                yield return Read(line);
            }
        }
    }

    private static ImportRow Read(Line line)
    {
        if (line.IsTooLong)
        {
            return ImportRow.Unreadable(line.Number, $"the line has more than {LineReader.MaxCharacters} characters");
        }

        if (line.Text.Contains(ImportFormat.Undecodable, StringComparison.Ordinal))
        {
            return ImportRow.Unreadable(line.Number, "the line has bytes that are not of the declared encoding");
        }

        try
        {
            return JsonNode.Parse(line.Text, documentOptions: Options) is JsonObject body
                ? new ImportRow(line.Number, body, [])
                : ImportRow.Unreadable(line.Number, "must be a JSON object", value: line.Text.Trim());
        }
        catch (JsonException exception)
        {
            return ImportRow.Unreadable(line.Number, $"is not valid JSON at character {exception.BytePositionInLine + 1}", value: line.Text.Trim());
        }
    }
}
