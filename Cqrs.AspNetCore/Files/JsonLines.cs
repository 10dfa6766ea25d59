using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cqrs.AspNetCore.Http;

namespace Cqrs.AspNetCore.Files;

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

        var text = line.Text.Trim();
        try
        {
            var json = JsonElement.Parse(text, Options);
            if (json.ValueKind != JsonValueKind.Object)
            {
                return ImportRow.Unreadable(line.Number, "must be a JSON object", value: text);
            }

            var body = JsonObject.Create(json)!;
            // Has every name read.
            _ = body.Count;
            return new ImportRow(line.Number, json, body, []);
        }
        catch (JsonException exception)
        {
            return ImportRow.Unreadable(
                line.Number,
                exception.BytePositionInLine is { } position ? $"is not valid JSON at byte {position + 1}" : "is not valid JSON: a name stands twice",
                value: text);
        }
        catch (InvalidOperationException)
        {
            return ImportRow.Unreadable(line.Number, "has a name with half a character (a lone surrogate)");
        }
    }
}
