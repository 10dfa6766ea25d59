namespace Cqrs.Streams;

/// <summary>Reads what a lease stands for, from its checkpoint on: a shard of the stream, or the whole command table in a replay.</summary>
internal interface IShardReader
{
    /// <summary>Where to go on: all before it is projected.</summary>
    string? Checkpoint { get; }

    /// <summary>Gets whether the end was reached.</summary>
    bool IsFinished { get; }

    /// <summary>Reads until the end or until a token is cancelled.</summary>
    /// <param name="stopping">Asks to stop after the batch under way.</param>
    /// <param name="lost">Stops at once: the lease is another's.</param>
    Task RunAsync(CancellationToken stopping, CancellationToken lost);
}
