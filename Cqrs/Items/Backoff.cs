namespace Cqrs.Items;

/// <summary>Waits between attempts: exponential with full jitter, so that those who collided do not collide again.</summary>
public static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Returns how long to wait before an attempt, counted from 1.</summary>
    public static TimeSpan Delay(int attempt) => Delay(attempt, First, Longest);

    /// <summary>As <see cref="Delay(int)"/>, with bounds of the caller's.</summary>
    /// <param name="attempt">The attempt, counted from 1.</param>
    /// <param name="first">The longest wait before the first attempt; it doubles with each.</param>
    /// <param name="longest">The longest wait.</param>
    public static TimeSpan Delay(int attempt, TimeSpan first, TimeSpan longest)
    {
        var ceiling = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 20)));
        return TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * ceiling);
    }
}
