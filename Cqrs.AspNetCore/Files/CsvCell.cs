using System.Globalization;
using System.Text.Json.Nodes;
using Cqrs.Items;

namespace Cqrs.AspNetCore.Files;

/// <summary>
/// How a value stands in a cell of a CSV file. A text that a spreadsheet could take for a formula is written with a leading apostrophe, of which
/// reading removes exactly one; so is a text that is there but empty, which an empty cell is not.
/// </summary>
internal static class CsvCell
{
    private const char Apostrophe = '\'';

    private static readonly System.Buffers.SearchValues<char> Guarded = System.Buffers.SearchValues.Create("=+-@\t\r'");

    public static string Write(JsonNode? value, CellKind kind) => value switch
    {
        null => "",
        _ when kind == CellKind.Text => Guard(value.GetValue<string>()),
        _ => value.ToJsonString(),
    };

    /// <returns>The value (null: absent), or why the cell cannot be read.</returns>
    public static (JsonNode? Value, string? Problem) Read(string cell, CellKind kind) => kind switch
    {
        _ when cell.Length == 0 => (null, null),
        CellKind.Text => (cell[0] == Apostrophe ? cell[1..] : cell, null),
        CellKind.Integer => long.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
            ? (integer, null)
            : (null, "must be a whole number"),
        CellKind.Number => cell.AsSpan().IndexOfAnyExcept("0123456789+-.eE") < 0 && JsonContent.ToExactDecimal(cell) is { } number
            ? (number, null)
            : (null, "must be a number of at most 28 significant digits, with a point"),
        _ => bool.TryParse(cell, out var flag) ? (flag, null) : (null, "must be true or false"),
    };

    private static string Guard(string text) => text.Length == 0 || Guarded.Contains(text[0]) ? Apostrophe + text : text;
}
