using System.Collections.Concurrent;
using System.Diagnostics;

namespace Bench;

/// <summary>Runs an operation many times, so many at once, and measures.</summary>
internal static class Load
{
    /// <returns>Operations per second, and how long each took in milliseconds.</returns>
    public static async Task<(double PerSecond, List<double> LatenciesMs)> RunAsync(int count, int atOnce, Func<int, Task> operation)
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
        return (count / Stopwatch.GetElapsedTime(started).TotalSeconds, [.. latencies]);
    }
}
