using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cqrs.Publishing;

namespace Cqrs.AspNetCore.Files;

/// <summary>A row of a file, as the body of a POST; or what is wrong with it.</summary>
/// <param name="Line">Where it begins.</param>
/// <param name="Json">The content: a null removes what an absence leaves.</param>
/// <param name="Body">The same, to take apart.</param>
/// <param name="Errors">Why it cannot be read.</param>
/// <param name="IsCsv">Whether its fields go by the names of columns.</param>
internal sealed record ImportRow(int Line, JsonElement Json, JsonObject Body, IReadOnlyList<RowError> Errors, bool IsCsv = false)
{
    private const string ColumnPrefix = "attributes.";
    private const int MaxValueCharacters = 100;

    /// <summary>Gets how many bytes the row has as JSON.</summary>
    public int Size => Json.ValueKind == JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(Json).Length;

    public static ImportRow Unreadable(int line, string reason, string? field = null, string? value = null) =>
        new(line, default, [], [new RowError(line, field, Shorten(value), reason)]);

    /// <summary>Returns the errors of the row, by a path in its body.</summary>
    public RowError ErrorAt(FieldError error) => new(
        Line,
        IsCsv && error.Field.StartsWith(ColumnPrefix, StringComparison.Ordinal) ? error.Field[ColumnPrefix.Length..] : error.Field,
        Shorten(TextOf(error.Field.Split('.').Aggregate((JsonNode?)Body, (node, name) => (node as JsonObject)?[name]))),
        error.Message);

    public static string? Shorten(string? value) =>
        value?.Length > MaxValueCharacters ? $"{value[..MaxValueCharacters]}…" : value;

    private static string? TextOf(JsonNode? value)
    {
        try
        {
            return value is JsonValue text && text.TryGetValue<string>(out var plain) ? plain : value?.ToJsonString();
        }
        catch (InvalidOperationException)
        {
            // Half a character has no text.
            return null;
        }
    }
}

/// <summary>Why a row was not imported.</summary>
/// <param name="Line">Where the row begins, from 1.</param>
/// <param name="Field">The column, or the path in a JSON line.</param>
/// <param name="Value">The value, shortened.</param>
/// <param name="Reason">The error.</param>
internal sealed record RowError(int Line, string? Field, string? Value, string Reason);

/// <summary>The file as a whole cannot be imported from here on.</summary>
internal sealed class UnreadableFileException(RowError error) : Exception(error.Reason)
{
    public RowError Error => error;
}
