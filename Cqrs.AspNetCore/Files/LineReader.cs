using System.Text;

namespace Cqrs.AspNetCore.Files;

/// <summary>A line of a file, with the characters that end it.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">As it stands there; cut off if it is too long.</param>
/// <param name="IsTooLong">Whether it has more characters than are read.</param>
internal sealed record Line(int Number, string Text, bool IsTooLong)
{
    public bool IsBlank => string.IsNullOrWhiteSpace(Text);
}

/// <summary>Reads lines, ended by LF, CR LF or CR, in constant memory however long they are.</summary>
internal sealed class LineReader(TextReader text)
{
    /// <summary>No item has that many characters, escaped ones included.</summary>
    public const int MaxCharacters = 1536 * 1024;

    private readonly char[] _buffer = new char[16 * 1024];
    private readonly StringBuilder _line = new();
    private int _next;
    private int _end;
    private int _number;

    /// <summary>Returns the next line, or null at the end.</summary>
    public async ValueTask<Line?> ReadAsync(CancellationToken cancellationToken)
    {
        _line.Clear();
        var isTooLong = false;
        while (_next < _end || await FillAsync(cancellationToken))
        {
            var rest = _buffer.AsMemory(_next, _end - _next);
            var ending = rest.Span.IndexOfAny('\n', '\r');
            var part = ending < 0 ? rest : rest[..(ending + 1)];
            _next += part.Length;
            isTooLong |= _line.Length + part.Length > MaxCharacters;
            if (!isTooLong)
            {
                _line.Append(part.Span);
            }

            if (ending >= 0)
            {
                if (part.Span[^1] == '\r' && (_next < _end || await FillAsync(cancellationToken)) && _buffer[_next] == '\n')
                {
                    _next++;
                    _line.Append('\n');
                }

                return new Line(++_number, _line.ToString(), isTooLong);
            }
        }

        return _line.Length > 0 || isTooLong ? new Line(++_number, _line.ToString(), isTooLong) : null;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _next = 0;
        _end = await text.ReadAsync(_buffer, cancellationToken);
        return _end > 0;
    }
}
