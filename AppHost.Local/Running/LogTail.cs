namespace ProductAspire.Local.Running;

/// <summary>The last lines that a resource wrote.</summary>
internal sealed class LogTail
{
    private const int Kept = 500;

    private readonly Queue<string> lines = new(Kept);
    private long written;

    public void Add(string line)
    {
        lock (lines)
        {
            if (lines.Count == Kept)
            {
                lines.Dequeue();
            }

            lines.Enqueue(line);
            written++;
        }
    }

    public IReadOnlyList<string> Last(int count)
    {
        lock (lines)
        {
            return [.. lines.TakeLast(count)];
        }
    }

    /// <summary>What came after that many lines, as far as it is kept.</summary>
    public LogLines After(long count)
    {
        lock (lines)
        {
            return new(written, [.. lines.TakeLast((int)Math.Clamp(written - count, 0, Kept))]);
        }
    }
}

/// <param name="Written">How many lines there have been, these included.</param>
/// <param name="Lines">The last of them.</param>
internal sealed record LogLines(long Written, IReadOnlyList<string> Lines);
