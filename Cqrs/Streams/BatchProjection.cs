using System.Diagnostics;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Purging;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Streams;

/// <summary>Projects what a reader has read, and does not return before it is done: a fault of a store is waited out.</summary>
internal sealed partial class BatchProjection(
    CqrsModule module,
    Projector projector,
    PurgeFollower purgeFollower,
    RecordParking recordParking,
    ProjectionState state,
    ILogger<BatchProjection> logger)
{
    private const string Pushed = "pushed";

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(3);

    // Shorter than the lease timeout.
    private static readonly TimeSpan LongTime = TimeSpan.FromSeconds(4);

    public CqrsModule Module => module;

    public ProjectionState State => state;

    /// <summary>Projects records that were pushed.</summary>
    /// <exception cref="Exception">A store has failed. The whole batch is to be repeated.</exception>
    public async Task ProjectOnceAsync(IReadOnlyList<Record> records, CancellationToken cancellationToken)
    {
        var changes = CommandRecords.Read(records);
        await ProjectAsync(Pushed, changes, $"{Pushed} {records.FirstOrDefault()?.Dynamodb.SequenceNumber}", cancellationToken);
        await FollowUnseenPurgesAsync(changes.Commands, cancellationToken);
    }

    /// <summary>Returns those of the commands that a read model does not have, by its own version.</summary>
    public Task<List<CommandModel>> FindMissingAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken) =>
        projector.FindMissingAsync(commands, cancellationToken);

    /// <summary>Projects a batch of a shard.</summary>
    /// <param name="shardId">The shard.</param>
    /// <param name="changes">The changes of the batch.</param>
    /// <param name="position">Where the batch stands in the stream; null if it does not come from there.</param>
    /// <param name="stopping">Asks to stop: what fails is then not tried again.</param>
    /// <param name="lost">Stops at once: the lease is another's.</param>
    public async Task ProjectAsync(
        string shardId, CommandChanges changes, string? position, CancellationToken stopping, CancellationToken lost)
    {
        var commands = changes.Commands;
        if (commands.Count > 0)
        {
            state.ReportBehind(shardId, commands.Min(command => command.UpdatedAt), commands.Count);
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            await ProjectUntilDoneAsync(shardId, changes, position, stopping, lost);
        }
        finally
        {
            // A worker that hung with a batch, or a replay, may have brought back items that were purged meanwhile, after another owner had followed the purge.
            if (commands.Count > 0 && (position is null || Stopwatch.GetElapsedTime(started) > LongTime))
            {
                using var timeout = new CancellationTokenSource(LongTime);
                await FollowUnseenPurgesAsync(commands, timeout.Token);
            }
        }
    }

    private async Task ProjectUntilDoneAsync(
        string shardId, CommandChanges changes, string? position, CancellationToken stopping, CancellationToken lost)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ProjectAsync(shardId, changes, position, lost);
                state.ReportSuccess(shardId);
                return;
            }
            catch (Exception fault) when (!lost.IsCancellationRequested)
            {
                state.ReportFailure(shardId, fault);
                CqrsTelemetry.Retries.Add(1, new KeyValuePair<string, object?>("cqrs.module", module.Name));
                LogHeld(fault, shardId, changes.Commands.Count, attempt);
                await Task.Delay(Backoff.Delay(attempt, FirstRetry, LongestRetry), stopping);
            }
        }
    }

    private async Task ProjectAsync(string shardId, CommandChanges changes, string? position, CancellationToken cancellationToken)
    {
        var orphans = changes.Commands.Count > 0 ? await projector.ProjectAsync(changes.Commands, cancellationToken, position) : [];
        foreach (var key in changes.Removed.Union(await purgeFollower.FindTombstonesAsync(orphans, cancellationToken)))
        {
            await purgeFollower.FollowAsync(key, cancellationToken);
        }

        await recordParking.ParkAsync(changes.Unreadable, position is null ? null : shardId, cancellationToken);
    }

    private async Task FollowUnseenPurgesAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        foreach (var key in await purgeFollower.FindRemovedAsync(commands, cancellationToken))
        {
            await purgeFollower.FollowAsync(key, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Shard {ShardId} is held: projecting {Commands} commands failed at attempt {Attempt}; it is tried again.")]
    private partial void LogHeld(Exception exception, string shardId, int commands, int attempt);
}
