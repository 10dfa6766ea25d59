using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Cqrs.AspNetCore.Files;

/// <summary>A record of a CSV file: its fields, or what is wrong with it.</summary>
internal sealed record CsvRecord(int Line, string[] Fields, string? Problem = null);

/// <summary>
/// Cuts a CSV file (RFC 4180) into records, which CsvHelper takes apart. A record whose quote is never closed ends with its first line, and reading
/// goes on with the line after it: one bad row costs no other. Each line is looked at once, whatever the file holds.
/// </summary>
internal sealed class CsvRecords(TextReader text)
{
    private readonly LineReader _lines = new(text);

    // Lines that were read in search of a closing quote and are in no record yet. Only the last of them may close one.
    private readonly Queue<Line> _ahead = new();
    private Line? _last;
    private bool _lastCloses;
    private int _lengthAhead;

    /// <summary>Returns the next record that is not a blank line, or null at the end.</summary>
    public async ValueTask<CsvRecord?> ReadAsync(CancellationToken cancellationToken)
    {
        Line? first;
        do
        {
            first = await NextAsync(cancellationToken);
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

        if (!EndsInQuotes(first.Text, false))
        {
            return Split(first.Number, first.Text);
        }

        return await FindEndAsync(first, cancellationToken)
            ? Split(first.Number, TakeAhead(first))
            : new CsvRecord(first.Number, [], "a quote is opened and not closed");
    }

    private ValueTask<Line?> NextAsync(CancellationToken cancellationToken)
    {
        if (!_ahead.TryDequeue(out var line))
        {
            return _lines.ReadAsync(cancellationToken);
        }

        _lengthAhead -= line.Text.Length;
        return ValueTask.FromResult<Line?>(line);
    }

    /// <summary>Reads ahead to the line that closes the quote which a line has left open; false if there is none in reach.</summary>
    private async Task<bool> FindEndAsync(Line first, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_ahead.Count > 0)
            {
                if (_last!.IsTooLong || first.Text.Length + _lengthAhead > LineReader.MaxCharacters)
                {
                    return false;
                }

                if (_lastCloses)
                {
                    return true;
                }
            }

            if (await _lines.ReadAsync(cancellationToken) is not { } next)
            {
                return false;
            }

            _ahead.Enqueue(next);
            _last = next;
            _lastCloses = !EndsInQuotes(next.Text, true);
            _lengthAhead += next.Text.Length;
        }
    }

    private string TakeAhead(Line first)
    {
        var record = string.Concat(_ahead.Select(line => line.Text).Prepend(first.Text));
        _ahead.Clear();
        _lengthAhead = 0;
        return record;
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
