namespace ProductAspire.Local.Running;

/// <summary>The last lines that a resource wrote.</summary>
internal sealed class LogTail
{
    private const int Kept = 500;

    private readonly Queue<string> lines = new(Kept);

    public void Add(string line)
    {
        lock (lines)
        {
            if (lines.Count == Kept)
            {
                lines.Dequeue();
            }

            lines.Enqueue(line);
        }
    }

    public IReadOnlyList<string> Last(int count)
    {
        lock (lines)
        {
            return [.. lines.TakeLast(count)];
        }
    }
}
