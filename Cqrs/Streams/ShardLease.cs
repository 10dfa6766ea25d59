namespace Cqrs.Streams;

/// <summary>The owner of a shard, and how far its records are projected.</summary>
/// <param name="StreamArn">The stream.</param>
/// <param name="ShardId">The shard.</param>
/// <param name="Owner">The worker that reads it; null if none does.</param>
/// <param name="Epoch">Counts the owners: a write of an earlier one is refused.</param>
/// <param name="Beat">Counts the owner's renewals: one that stands still has a dead owner. No clock is compared.</param>
/// <param name="Checkpoint">The last sequence number whose record and all before are projected; null: none yet.</param>
/// <param name="IsFinished">Whether the shard is closed and read to its end.</param>
/// <param name="LagMs">How old the oldest command was that was read and not projected, when the lease was renewed; in milliseconds.</param>
/// <param name="RenewedAt">When that was, by the owner's clock. For people; nothing is decided by it.</param>
public sealed record ShardLease(
    string StreamArn, string ShardId, string? Owner, long Epoch, long Beat, string? Checkpoint, bool IsFinished,
    long LagMs = 0, DateTimeOffset RenewedAt = default);
