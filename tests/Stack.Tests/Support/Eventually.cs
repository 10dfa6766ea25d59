using System.Diagnostics;

namespace StackTests.Support;

/// <summary>Waits for what another process will do: asks until it is so, and fails with what it last saw after a deadline.</summary>
public static class Eventually
{
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    /// <param name="what">What is waited for, as the end of "… did not happen".</param>
    /// <param name="read">Asks.</param>
    /// <param name="until">Whether the answer is the one that is waited for.</param>
    /// <param name="within">The deadline.</param>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T>> read, Func<T, bool> until, TimeSpan? within = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var seen = await read();
            if (until(seen))
            {
                return seen;
            }

            if (Stopwatch.GetElapsedTime(started) > (within ?? Default))
            {
                Assert.Fail($"'{what}' did not happen within {within ?? Default}; last seen: {seen}");
            }

            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    public static Task IsTrueAsync(string what, Func<Task<bool>> read, TimeSpan? within = null) => GetAsync(what, read, seen => seen, within);
}
