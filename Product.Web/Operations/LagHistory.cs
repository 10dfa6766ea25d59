using System.Collections.Concurrent;

namespace Product.Web.Operations;

/// <summary>
/// The lag as far as anybody has looked, so that an operator who opens the page, or comes back to it, sees how it came about. Shared by all
/// operators of this process; only what the API told an operator gets in.
/// </summary>
public sealed class LagHistory(TimeProvider time)
{
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Closest = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentQueue<LagSample> samples = new();
    private readonly Lock writing = new();

    /// <summary>Those of the last ten minutes.</summary>
    public IReadOnlyList<LagSample> Samples
    {
        get
        {
            var now = time.GetUtcNow();
            return [.. samples.Where(sample => now - sample.At <= Span)];
        }
    }

    public void Add(long lagMs)
    {
        lock (writing)
        {
            var now = time.GetUtcNow();
            // Several operators at once do not make the line finer, but no peak that one of them saw is left out.
            if (samples.LastOrDefault() is not { } newest || now - newest.At >= Closest || lagMs > newest.LagMs)
            {
                samples.Enqueue(new(now, lagMs));
            }

            while (samples.TryPeek(out var oldest) && now - oldest.At > Span)
            {
                samples.TryDequeue(out _);
            }
        }
    }
}

public sealed record LagSample(DateTimeOffset At, long LagMs);
