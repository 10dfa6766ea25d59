namespace Cqrs.Streams;

/// <summary>How the worker reads streams. Bound to the configuration section <c>Stream</c>.</summary>
public sealed class StreamOptions
{
    /// <summary>
    /// Gets or sets whether the workers read the shards of the streams. False where an event source mapping does it and pushes what it reads
    /// (<see cref="PushedRecords"/>): a worker then still replays the command table once, and whenever it is asked to.
    /// </summary>
    public bool ReadsShards { get; set; } = true;

    /// <summary>Records in a page, at most 1000.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Gets or sets how long to wait after an empty page.</summary>
    public TimeSpan IdlePoll { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Gets or sets the shortest wait after an empty page.</summary>
    public TimeSpan MinPoll { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Gets or sets how often expired items are looked for, and parked commands that have been overtaken.</summary>
    public TimeSpan MaintenanceInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Gets or sets how often shards and leases are looked at.</summary>
    public TimeSpan DiscoveryInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how often an owner shows that it lives, and saves its checkpoint.</summary>
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Gets or sets how long a lease must stand still until another worker takes it; and after how long without a renewal its owner stops.</summary>
    public TimeSpan LeaseTimeout { get; set; } = TimeSpan.FromSeconds(6);
}
