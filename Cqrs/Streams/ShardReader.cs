using Cqrs.CommandLog;
using Cqrs.Items;
using Microsoft.Extensions.Logging;

namespace Cqrs.Streams;

/// <summary>
/// Reads one shard from its checkpoint on and projects the records. The checkpoint never passes a record that is not projected.
/// </summary>
internal sealed partial class ShardReader(
    IDynamoDbStreams streams,
    BatchProjection projection,
    ShardLeaseStore leases,
    CommandSignal signal,
    StreamOptions options,
    ShardLease lease,
    ILogger logger) : IShardReader
{
    private const int ThrottlesUntilUnhealthy = 5;
    private const int MuchToRead = 100;
    private const int FewRecords = 10;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(3);

    public string? Checkpoint { get; private set; } = lease.Checkpoint;

    public bool IsFinished { get; private set; }

    public async Task RunAsync(CancellationToken stopping, CancellationToken lost)
    {
        using var stoppingOrLost = CancellationTokenSource.CreateLinkedTokenSource(stopping, lost);
        var token = stoppingOrLost.Token;
        var module = projection.Module.Name;
        string? iterator = null;
        Task<GetRecordsResponse>? ahead = null;
        var limit = Math.Min(MuchToRead, options.PageSize);
        for (int failures = 0, empty = 0; !token.IsCancellationRequested;)
        {
            try
            {
                iterator ??= await GetIteratorAsync(token);
                var signals = signal.Count(module);
                var page = await (ahead ?? streams.GetRecordsAsync(new(iterator, limit), token));
                failures = 0;
                var isFull = page.Records.Count >= Math.Min(limit, MuchToRead);
                limit = LimitAfter(page.Records, limit);
                // After a full page comes another one. It is read while this page is projected. A page of 1 MB is full too.
                ahead = isFull && page.NextShardIterator is { } next
                    ? streams.GetRecordsAsync(new(next, limit), token)
                    : null;
                await ProjectAsync(page.Records, stopping, lost);
                if (page.NextShardIterator is null)
                {
                    IsFinished = true;
                    return;
                }

                iterator = page.NextShardIterator;
                empty = page.Records.Count > 0 ? 0 : empty + 1;
                if (page.Records.Count == 0)
                {
                    projection.State.ReportSuccess(lease.ShardId);
                    projection.State.ReportCaughtUp(lease.ShardId);
                    empty = await WaitAsync(module, signals, empty, token) ? 0 : empty;
                }
            }
            catch (DynamoDbStreamsException gone) when (gone.IsExpiredIterator)
            {
                (iterator, ahead) = (null, null);
            }
            catch (DynamoDbStreamsException gone) when (gone.IsTrimmed)
            {
                // The records between were trimmed. The command table has their commands: it is replayed, and reading goes on at the oldest record.
                LogTrimmed(lease.ShardId, Checkpoint);
                await leases.RequestReplayAsync(lease.StreamArn, token);
                Checkpoint = null;
                (iterator, ahead) = (null, null);
            }
            catch (Exception fault) when (!token.IsCancellationRequested)
            {
                (iterator, ahead) = (null, null);
                failures++;
                if (fault is not DynamoDbStreamsException { IsThrottled: true } || failures > ThrottlesUntilUnhealthy)
                {
                    projection.State.ReportFailure(lease.ShardId, fault);
                }

                LogReadFailed(fault, lease.ShardId, failures);
                await Task.Delay(Backoff.Delay(failures, FirstRetry, LongestRetry), token);
            }
        }
    }

    // DynamoDB ends a page at 1 MB. DynamoDB Local does not, and a thousand large records do not fit into memory.
    private int LimitAfter(IReadOnlyList<Record> records, int limit) =>
        records.Sum(record => (long)ItemSize.Of(record.Dynamodb.NewImage ?? [])) > ItemSize.MaxBytesAtOnce
            ? Math.Max(FewRecords, limit / 2)
            : Math.Min(options.PageSize, 2 * limit);

    // More records often come soon. So the wait grows from the shortest interval to the idle one, and a notification ends it.
    private async Task<bool> WaitAsync(string module, long signals, int empty, CancellationToken cancellationToken)
    {
        await Task.Delay(options.MinPoll, cancellationToken);
        var longest = options.IdlePoll - options.MinPoll;
        var wait = options.MinPoll * Math.Pow(2, Math.Min(empty, 10));
        await signal.WaitAsync(module, signals, wait < longest ? wait : longest, cancellationToken);
        return signal.Count(module) > signals;
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

        var changes = CommandRecords.Read(records);
        var position = $"{lease.ShardId} {records[0].Dynamodb.SequenceNumber}";
        await projection.ProjectAsync(lease.ShardId, changes, position, stopping, lost);
        // A record that cannot be read may have no sequence number.
        Checkpoint = records.LastOrDefault(record => record.Dynamodb.SequenceNumber.Length > 0)?.Dynamodb.SequenceNumber ?? Checkpoint;
    }

    [LoggerMessage(LogLevel.Warning, "Reading shard {ShardId} failed ({Failures} times in a row).")]
    private partial void LogReadFailed(Exception exception, string shardId, int failures);

    [LoggerMessage(LogLevel.Error, "Shard {ShardId} was trimmed past the checkpoint {Checkpoint}; the command table is replayed.")]
    private partial void LogTrimmed(string shardId, string? checkpoint);
}
