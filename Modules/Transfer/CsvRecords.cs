using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Modules.Transfer;

/// <summary>A record of a CSV file: its fields, or what is wrong with it.</summary>
internal sealed record CsvRecord(int Line, string[] Fields, string? Problem = null);

/// <summary>
/// Cuts a CSV file (RFC 4180) into records, which CsvHelper takes apart. A record is cut off where it must end even if a quote is never closed, and
/// reading goes on with the line after the one where it began: one bad row costs no other.
/// </summary>
internal sealed class CsvRecords(TextReader text)
{
    private readonly LineReader _lines = new(text);

    /// <summary>The next record that is not a blank line, or null at the end.</summary>
    public async ValueTask<CsvRecord?> ReadAsync(CancellationToken cancellationToken)
    {
        Line? first;
        do
        {
            first = await _lines.ReadAsync(cancellationToken);
        }
        while (first is { IsTooLong: false, IsBlank: true });

        if (first is null)
        {
            return null;
        }

        if (first.IsTooLong)
        {
            return new CsvRecord(first.Number, [], $"the line has more than {LineReader.MaxCharacters} characters");
        }

        return await ReadWholeAsync(first, cancellationToken) is { } whole
            ? Split(first.Number, whole)
            : new CsvRecord(first.Number, [], "a quote is opened and not closed");
    }

    private async Task<string?> ReadWholeAsync(Line first, CancellationToken cancellationToken)
    {
        var isOpen = EndsInQuotes(first.Text, false);
        if (!isOpen)
        {
            return first.Text;
        }

        var more = new List<Line>();
        var length = first.Text.Length;
        while (isOpen)
        {
            if (await _lines.ReadAsync(cancellationToken) is not { } next)
            {
                _lines.Return(more);
                return null;
            }

            more.Add(next);
            length += next.Text.Length;
            if (next.IsTooLong || length > LineReader.MaxCharacters)
            {
                _lines.Return(more);
                return null;
            }

            isOpen = EndsInQuotes(next.Text, true);
        }

        return string.Concat(more.Select(line => line.Text).Prepend(first.Text));
    }

    // A quote opens a field only where the field begins; inside of one, two of them stand for one.
    private static bool EndsInQuotes(string line, bool isQuoted)
    {
        var isStart = !isQuoted;
        for (var i = 0; i < line.Length; i++)
        {
            if (isQuoted && line[i] == '"')
            {
                if (i + 1 < line.Length && line[i + 1] == '"')
                {
                    i++;
                }
                else
                {
                    isQuoted = false;
                }
            }
            else if (!isQuoted)
            {
                isQuoted = isStart && line[i] == '"';
                isStart = line[i] == ',';
            }
        }

        return isQuoted;
    }

    private static CsvRecord Split(int line, string record)
    {
        if (record.Contains(ImportFormat.Undecodable, StringComparison.Ordinal))
        {
            return new CsvRecord(line, [], "the row has bytes that are not of the declared encoding");
        }

        string? problem = null;
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            BadDataFound = _ => problem = "a quote stands inside a field that is not quoted, or text follows a quoted field",
            IgnoreBlankLines = false,
        };
        using var parser = new CsvParser(new StringReader(record), configuration);
        var fields = parser.Read() ? parser.Record ?? [] : [];
        return new CsvRecord(line, fields, problem);
    }
}
