using System.Diagnostics;

namespace Cqrs.Streams;

/// <summary>
/// Tells stale heartbeats from fresh ones. A heartbeat is a value that its owner changes again and again; it is stale if it has not changed for some time.
/// The time is measured on this machine only. Clocks of different machines are never compared.
/// </summary>
internal sealed class Heartbeats<TBeat>
    where TBeat : notnull
{
    private Dictionary<string, Heart> _hearts = [];

    /// <summary>Takes in how all stand now; who is not among them is forgotten.</summary>
    public void Observe(IEnumerable<(string Name, TBeat Beat)> all)
    {
        var now = Stopwatch.GetTimestamp();
        _hearts = all.ToDictionary(
            one => one.Name,
            one => !_hearts.TryGetValue(one.Name, out var before) ? new Heart(one.Beat, FoundAt: now, SeenAt: now)
                : EqualityComparer<TBeat>.Default.Equals(before.Beat, one.Beat) ? before
                : before with { Beat = one.Beat, SeenAt = now });
    }

    /// <summary>For how long it has stood still.</summary>
    public TimeSpan StillFor(string name) => _hearts.TryGetValue(name, out var heart) ? Stopwatch.GetElapsedTime(heart.SeenAt) : default;

    /// <summary>For how long it was seen to beat; zero if it has not been seen to.</summary>
    public TimeSpan BeatingFor(string name) => _hearts.TryGetValue(name, out var heart) ? Stopwatch.GetElapsedTime(heart.FoundAt, heart.SeenAt) : default;

    private sealed record Heart(TBeat Beat, long FoundAt, long SeenAt);
}
