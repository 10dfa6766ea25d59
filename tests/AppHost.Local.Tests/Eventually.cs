using System.Diagnostics;

namespace ProductAspire.Local.Tests;

/// <summary>Waits for what must come true, not longer than it may take.</summary>
internal static class Eventually
{
    public static async Task Holds(Func<bool> condition, string what, int seconds = 30)
    {
        var time = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(time.Elapsed.TotalSeconds < seconds, $"{what}: not within {seconds} s.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
