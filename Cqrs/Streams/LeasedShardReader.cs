using Amazon.DynamoDBv2;
using Cqrs.CommandLog;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Streams;

/// <summary>Reads a shard under its lease: renews the lease and saves the checkpoint while the shard is read.</summary>
internal sealed partial class LeasedShardReader(
    IAmazonDynamoDB dynamoDb,
    TableNames tables,
    IDynamoDbStreams streams,
    ShardLeaseStore leases,
    BatchProjection projection,
    CommandSignal signal,
    StreamOptions options,
    ILogger logger)
{
    /// <summary>Reads until the shard ends, a stop is asked for, or the lease is lost. Then the lease is released, if it is still this worker's.</summary>
    public async Task ReadAsync(ShardLease lease, CancellationToken stopping)
    {
        using var lost = new CancellationTokenSource();
        using var done = new CancellationTokenSource();
        IShardReader reader = lease.ShardId == ReplayReader.ShardId
            ? new ReplayReader(dynamoDb, tables, projection, lease, options, logger)
            : new ShardReader(streams, projection, leases, signal, options, lease, logger);
        var keeper = new LeaseKeeper(leases, lease, projection.Module, projection.State, options, logger);
        var keeping = keeper.KeepAsync(() => reader.Checkpoint, lost, done.Token);
        try
        {
            await reader.RunAsync(stopping, lost.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopped, or lost to another worker.
        }
        catch (Exception fault)
        {
            LogReaderFailed(fault, lease.ShardId);
        }

        await done.CancelAsync();
        await keeping;
        projection.State.Forget(lease.ShardId);
        if (!lost.IsCancellationRequested)
        {
            await keeper.ReleaseAsync(reader.Checkpoint, reader.IsFinished);
        }
    }

    [LoggerMessage(LogLevel.Error, "The reader of shard {ShardId} ended by a fault; the shard is taken again.")]
    private partial void LogReaderFailed(Exception exception, string shardId);
}
