namespace Product.Web.Operations;

/// <summary>A shard of a module's command stream: who reads it, how far, and how far behind.</summary>
public sealed record ShardState(string Module, string ShardId, string? Owner, string? Checkpoint, long LagMs, DateTimeOffset RenewedAt);

/// <summary>How the projection stands. Without a lag where no worker has read a shard.</summary>
public sealed record SyncReport(long? LagMs, int Parked, IReadOnlyList<ShardState> Shards);

/// <summary>A command that a handler kept failing on, or a record that cannot be read as one; then its keys may be unknown.</summary>
public sealed record ParkedCommand(
    string Id, string Module, string Handler, string? Pk, string? Sk, string Reason, string Stack, string? Position, int Attempts, DateTimeOffset ParkedAt)
{
    public string Title => Sk ?? "A record without keys";
}

/// <summary>How a job goes: QUEUED, RUNNING, COMPLETED or FAILED.</summary>
public sealed record JobState(string Id, string Pk, string Status, long Total, long Done, long Failed, string? Error)
{
    public bool IsOver => Status is "COMPLETED" or "FAILED";
}
