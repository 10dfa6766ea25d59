using Amazon.DynamoDBv2;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cqrs.Streams;

/// <summary>
/// Shares the shards of one module's command stream with the other workers. It finds the shards, takes its share of the free ones (parents before children),
/// and reads each shard in a task of its own. Where workers do not read shards, the replay of the command table is the only thing to take.
/// </summary>
internal sealed partial class StreamWorker(
    IAmazonDynamoDB dynamoDb,
    TableNames tables,
    IDynamoDbStreams streams,
    ShardLeaseStore leases,
    BatchProjection projection,
    CommandSignal signal,
    SchemaReady schema,
    IOptions<StreamOptions> options,
    ILogger<StreamWorker> logger) : BackgroundService
{
    private readonly string _owner = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private readonly LeasedShardReader _reader = new(dynamoDb, tables, streams, leases, projection, signal, options.Value, logger);
    private readonly List<Reading> _reading = [];
    private readonly Heartbeats<ShardLease> _owners = new();

    private string Table => tables.Command(projection.Module);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        var workers = new WorkerRegistry(dynamoDb, tables, projection.Module, _owner, options.Value);
        for (var failures = 0; !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                await ShareShardsAsync(await workers.BeatAndListAsync(stoppingToken), stoppingToken);
                failures = 0;
                projection.State.ReportSuccess(Table);
                await Task.Delay(options.Value.DiscoveryInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception fault)
            {
                failures++;
                projection.State.ReportFailure(Table, fault);
                LogDiscoveryFailed(fault, Table);
                await Task.Delay(Backoff.Delay(failures, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(3)), CancellationToken.None);
            }
        }

        // Each reader finishes its batch, saves its checkpoint and releases its shard.
        await Task.WhenAll(_reading.Select(reading => reading.Task));
        await LeaveAsync(workers);
    }

    private async Task ShareShardsAsync(IReadOnlyCollection<string> workers, CancellationToken stoppingToken)
    {
        var table = await dynamoDb.DescribeTableAsync(Table, stoppingToken);
        if (table.Table.LatestStreamArn is not { } streamArn)
        {
            throw new InvalidOperationException($"The table {Table} has no stream.");
        }

        var shards = await StreamShards.ListAsync(streams, streamArn, options.Value, stoppingToken);
        var known = await leases.ListAsync(streamArn, stoppingToken);
        _owners.Observe(known.Values.Select(lease => (lease.ShardId, lease)));
        ForgetEnded();
        await ForgetTrimmedAsync(streamArn, shards, known, stoppingToken);

        // The table has a new stream, or the shard is gone. The next round replays what was not read.
        await StopAsync(_reading.Where(reading => reading.Lease.StreamArn != streamArn || shards.All(shard => shard.ShardId != reading.Lease.ShardId)));

        var readable = shards.Where(shard => StreamShards.IsReadable(shard, shards, known)).ToList();
        var own = readable.Where(shard => _reading.Any(reading => reading.Lease.ShardId == shard.ShardId)).ToList();
        var most = (readable.Count + workers.Count - 1) / workers.Count;
        var taken = own.Count;
        foreach (var shard in readable.Except(own))
        {
            if (taken >= most)
            {
                break;
            }

            taken += await TryTakeAsync(streamArn, shard.ShardId, known.GetValueOrDefault(shard.ShardId), stoppingToken) ? 1 : 0;
        }

        // A worker that has joined gets shards from workers that have more than their share. Where rounding up leaves a worker short, any worker gives one.
        var owners = readable.ConvertAll(shard => IsFree(known.GetValueOrDefault(shard.ShardId)) ? null : known[shard.ShardId].Owner);
        var least = readable.Count / workers.Count;
        var isOneShort = !owners.Contains(null) && workers.Any(worker => owners.Count(owner => owner == worker) < least);
        var given = own.Skip(own.Count <= most && isOneShort ? least : most).ToList();
        await StopAsync(_reading.Where(reading => given.Any(shard => shard.ShardId == reading.Lease.ShardId)));
    }

    private void ForgetEnded()
    {
        foreach (var ended in _reading.Where(reading => reading.Task.IsCompleted).ToList())
        {
            _reading.Remove(ended);
            ended.Stop.Dispose();
        }
    }

    private static Task StopAsync(IEnumerable<Reading> readings) => Task.WhenAll(readings.Select(reading => reading.Stop.CancelAsync()));

    // A shard is listed for 24 hours. If it is gone before it was read to its end, its unread commands are only in the command table: it is replayed.
    // The same holds when an event source mapping takes over from workers: the worker does not know where the mapping began.
    private async Task ForgetTrimmedAsync(
        string streamArn, List<Shard> shards, Dictionary<string, ShardLease> known, CancellationToken cancellationToken)
    {
        foreach (var lease in known.Values.Where(lease => IsFree(lease) && shards.All(shard => shard.ShardId != lease.ShardId)))
        {
            if (!lease.IsFinished)
            {
                LogShardGone(lease.ShardId, lease.Checkpoint);
                await leases.RequestReplayAsync(streamArn, cancellationToken);
            }

            await leases.TryDeleteAsync(lease, cancellationToken);
        }
    }

    private async Task<bool> TryTakeAsync(string streamArn, string shardId, ShardLease? seen, CancellationToken stoppingToken)
    {
        if (!IsFree(seen) || await leases.TryAcquireAsync(seen, streamArn, shardId, _owner, stoppingToken) is not { } lease)
        {
            return false;
        }

        LogTaken(shardId, lease.Epoch, lease.Checkpoint);
        CqrsTelemetry.CountLease(projection.Module, "taken");
        var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        _reading.Add(new(lease, _reader.ReadAsync(lease, stop.Token), stop));
        return true;
    }

    private bool IsFree(ShardLease? seen) => seen?.Owner is null || _owners.StillFor(seen.ShardId) > options.Value.LeaseTimeout;

    private sealed record Reading(ShardLease Lease, Task Task, CancellationTokenSource Stop);

    private async Task LeaveAsync(WorkerRegistry workers)
    {
        try
        {
            using var timeout = new CancellationTokenSource(options.Value.RenewInterval);
            await workers.LeaveAsync(timeout.Token);
        }
        catch (Exception fault)
        {
            LogLeaveFailed(fault);
        }
    }

    [LoggerMessage(LogLevel.Information, "Took shard {ShardId} (epoch {Epoch}) from checkpoint {Checkpoint}.")]
    private partial void LogTaken(string shardId, long epoch, string? checkpoint);

    [LoggerMessage(LogLevel.Error, "Shard {ShardId} is gone and was read only up to {Checkpoint}; the command table is replayed.")]
    private partial void LogShardGone(string shardId, string? checkpoint);

    [LoggerMessage(LogLevel.Warning, "Looking for the shards of {Table} failed.")]
    private partial void LogDiscoveryFailed(Exception exception, string table);

    [LoggerMessage(LogLevel.Warning, "Signing off failed; the other workers will see this one gone.")]
    private partial void LogLeaveFailed(Exception exception);
}
