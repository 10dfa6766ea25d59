using Cqrs.Projection;
using Microsoft.Extensions.Logging;

namespace Cqrs.Streams;

/// <summary>Projects what a reader has read, and does not return before it is done: a fault of a store is waited out.</summary>
internal sealed partial class BatchProjection(
    CqrsModule module, Projector projector, PurgeFollower purgeFollower, ProjectionState state, ILogger<BatchProjection> logger)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(3);

    public CqrsModule Module => module;

    public ProjectionState State => state;

    /// <summary>Projects records that were pushed.</summary>
    /// <exception cref="Exception">A fault of a store: nothing of the batch counts as done.</exception>
    public async Task ProjectOnceAsync(IReadOnlyList<Record> records, CancellationToken cancellationToken)
    {
        var (commands, purged) = CommandRecords.Read(records, logger);
        if (commands.Count > 0)
        {
            await projector.ProjectAsync(commands, cancellationToken, $"pushed {records[0].Dynamodb.SequenceNumber}");
        }

        foreach (var key in purged)
        {
            await purgeFollower.FollowAsync(key, cancellationToken);
        }
    }

    public async Task ProjectAsync(
        string shardId,
        IReadOnlyList<CommandModel> commands,
        IReadOnlyList<ItemKey> purged,
        string? position,
        CancellationToken stopping,
        CancellationToken lost)
    {
        if (commands.Count > 0)
        {
            state.ReportBehind(shardId, commands.Min(command => command.UpdatedAt), commands.Count);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (commands.Count > 0)
                {
                    await projector.ProjectAsync(commands, lost, position);
                }

                foreach (var key in purged)
                {
                    await purgeFollower.FollowAsync(key, lost);
                }

                state.ReportSuccess(shardId);
                return;
            }
            catch (Exception fault) when (!lost.IsCancellationRequested)
            {
                state.ReportFailure(shardId, fault);
                CqrsTelemetry.Retries.Add(1, new KeyValuePair<string, object?>("cqrs.module", module.Name));
                LogHeld(fault, shardId, commands.Count, attempt);
                await Task.Delay(Backoff.Delay(attempt, FirstRetry, LongestRetry), stopping);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Shard {ShardId} is held: projecting {Commands} commands failed at attempt {Attempt}; it is tried again.")]
    private partial void LogHeld(Exception exception, string shardId, int commands, int attempt);
}
