using System.Collections.Concurrent;
using System.Diagnostics;

namespace Bench;

/// <summary>How many operations a second, and how long each took.</summary>
internal sealed record Measured(double PerSecond, IReadOnlyList<double> LatenciesMs)
{
    public double MedianMs => Report.Median(LatenciesMs);
}

/// <summary>Runs an operation many times, and measures.</summary>
internal static class Load
{
    /// <summary>So many at once: the next begins when one ends.</summary>
    public static async Task<Measured> RunAsync(int count, int atOnce, Func<int, Task> operation)
    {
        var latencies = new ConcurrentBag<double>();
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                var begun = Stopwatch.GetTimestamp();
                await operation(i);
                latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
        }));
        return new(count / Stopwatch.GetElapsedTime(started).TotalSeconds, [.. latencies]);
    }

    /// <summary>So many a second, however long each takes.</summary>
    public static async Task AtRateAsync(int perSecond, int count, Func<int, Task> operation, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var operations = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / perSecond) - Stopwatch.GetElapsedTime(started);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, cancellationToken);
            }

            operations.RemoveAll(begun => begun.IsCompletedSuccessfully);
            if (operations.Find(begun => begun.IsCompleted) is { } failed)
            {
                await failed;
            }

            operations.Add(operation(i));
        }

        await Task.WhenAll(operations);
    }
}
