using Cqrs.Projection;
using Microsoft.Extensions.Logging;

namespace Cqrs.Streams;

/// <summary>
/// Reads one shard from its checkpoint on and projects what it reads. It never goes past what is not projected: a batch that fails is
/// tried again until it succeeds.
/// </summary>
internal sealed partial class ShardReader(
    IDynamoDbStreams streams,
    Projector projector,
    PurgeFollower purgeFollower,
    ProjectionHealth health,
    StreamOptions options,
    ShardLease lease,
    ILogger logger)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    /// <summary>The last sequence number that is projected with all before it.</summary>
    public string? Checkpoint { get; private set; } = lease.Checkpoint;

    /// <summary>Whether the shard is closed and all of it is projected.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Reads until the shard ends or the token is cancelled; a batch under way is finished first if it can be.</summary>
    /// <param name="stopping">Asks to stop after the batch under way.</param>
    /// <param name="lost">Stops at once: the lease is another's.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken lost)
    {
        using var stoppingOrLost = CancellationTokenSource.CreateLinkedTokenSource(stopping, lost);
        var token = stoppingOrLost.Token;
        string? iterator = null;
        for (var failures = 0; !token.IsCancellationRequested;)
        {
            try
            {
                iterator ??= await GetIteratorAsync(token);
                var page = await streams.GetRecordsAsync(new(iterator, options.PageSize), token);
                failures = 0;
                await ProjectAsync(page.Records, stopping, lost);
                if (page.NextShardIterator is null)
                {
                    IsFinished = true;
                    return;
                }

                iterator = page.NextShardIterator;
                if (page.Records.Count == 0)
                {
                    health.ReportSuccess(lease.ShardId);
                    await Task.Delay(options.IdlePoll, token);
                }
            }
            catch (DynamoDbStreamsException gone) when (gone.IsExpiredIterator || gone.IsTrimmed)
            {
                // Start again behind what is projected; a trimmed place is left for the oldest record there is.
                iterator = null;
                if (gone.IsTrimmed)
                {
                    LogTrimmed(lease.ShardId, Checkpoint);
                    Checkpoint = null;
                }
            }
            catch (Exception fault) when (!token.IsCancellationRequested)
            {
                iterator = null;
                failures++;
                health.ReportFailure(lease.ShardId, fault);
                LogReadFailed(fault, lease.ShardId, failures);
                await Task.Delay(Backoff.Delay(failures, FirstRetry, LongestRetry), token);
            }
        }
    }

    private async Task<string> GetIteratorAsync(CancellationToken cancellationToken) =>
        await streams.GetShardIteratorAsync(
            Checkpoint is null
                ? new(lease.StreamArn, lease.ShardId, ShardIteratorType.TRIM_HORIZON)
                : new(lease.StreamArn, lease.ShardId, ShardIteratorType.AFTER_SEQUENCE_NUMBER, Checkpoint),
            cancellationToken);

    private async Task ProjectAsync(IReadOnlyList<Record> records, CancellationToken stopping, CancellationToken lost)
    {
        if (records.Count == 0)
        {
            return;
        }

        var (commands, purged) = CommandRecords.Read(records, logger);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (commands.Count > 0)
                {
                    await projector.ProjectAsync(commands, lost);
                }

                foreach (var key in purged)
                {
                    await purgeFollower.FollowAsync(key, lost);
                }

                break;
            }
            catch (Exception fault) when (!lost.IsCancellationRequested)
            {
                health.ReportFailure(lease.ShardId, fault);
                CqrsTelemetry.Retries.Add(1);
                LogProjectionFailed(fault, lease.ShardId, commands.Count, attempt);
                await Task.Delay(Backoff.Delay(attempt, FirstRetry, LongestRetry), stopping);
            }
        }

        Checkpoint = records[^1].Dynamodb.SequenceNumber;
        health.ReportSuccess(lease.ShardId);
    }

    [LoggerMessage(LogLevel.Warning, "Reading shard {ShardId} failed ({Failures} times in a row).")]
    private partial void LogReadFailed(Exception exception, string shardId, int failures);

    [LoggerMessage(LogLevel.Warning, "Projecting {Commands} commands of shard {ShardId} failed at attempt {Attempt}; it is tried again.")]
    private partial void LogProjectionFailed(Exception exception, string shardId, int commands, int attempt);

    [LoggerMessage(LogLevel.Error, "Shard {ShardId} was trimmed past the checkpoint {Checkpoint}.")]
    private partial void LogTrimmed(string shardId, string? checkpoint);
}
