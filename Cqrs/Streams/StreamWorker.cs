using System.Diagnostics;
using Amazon.DynamoDBv2;
using Cqrs.Projection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cqrs.Streams;

/// <summary>
/// Shares the shards of one module's command stream with the other workers: finds them, takes those that nobody reads (parents before
/// children), and reads each in a task of its own.
/// </summary>
internal sealed partial class StreamWorker(
    CqrsModule module,
    IAmazonDynamoDB dynamoDb,
    TableNames tables,
    IDynamoDbStreams streams,
    ShardLeaseStore leases,
    Projector projector,
    PurgeFollower purgeFollower,
    ProjectionHealth health,
    SchemaReady schema,
    IOptions<StreamOptions> options,
    ILogger<StreamWorker> logger) : BackgroundService
{
    private readonly string _owner = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private readonly Dictionary<string, Task> _reading = [];
    private readonly Dictionary<string, (ShardLease Lease, long SeenAt)> _observed = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        for (var failures = 0; !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                await TakeShardsAsync(stoppingToken);
                failures = 0;
                health.ReportSuccess(module.Name);
                await Task.Delay(options.Value.DiscoveryInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception fault)
            {
                failures++;
                health.ReportFailure(module.Name, fault);
                LogDiscoveryFailed(fault, module.Name);
                await Task.Delay(Backoff.Delay(failures, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5)), CancellationToken.None);
            }
        }

        // Each reader finishes its batch, saves its checkpoint and releases its shard.
        await Task.WhenAll(_reading.Values);
    }

    private async Task TakeShardsAsync(CancellationToken stoppingToken)
    {
        var table = await dynamoDb.DescribeTableAsync(tables.Command(module), stoppingToken);
        if (table.Table.LatestStreamArn is not { } streamArn)
        {
            throw new InvalidOperationException($"The table {tables.Command(module)} has no stream.");
        }

        var shards = await ListShardsAsync(streamArn, stoppingToken);
        var known = await leases.ListAsync(streamArn, stoppingToken);
        foreach (var ended in _reading.Where(reading => reading.Value.IsCompleted).Select(reading => reading.Key).ToList())
        {
            _reading.Remove(ended);
        }

        foreach (var shard in shards.Where(shard => !_reading.ContainsKey(shard.ShardId) && IsReadable(shard, shards, known)))
        {
            var seen = known.GetValueOrDefault(shard.ShardId);
            if (!IsFree(seen))
            {
                continue;
            }

            if (await leases.TryAcquireAsync(seen, streamArn, shard.ShardId, _owner, stoppingToken) is { } lease)
            {
                LogTaken(shard.ShardId, lease.Epoch, lease.Checkpoint);
                CqrsTelemetry.LeaseChanges.Add(1, new KeyValuePair<string, object?>("cqrs.change", "taken"));
                _reading[shard.ShardId] = ReadAsync(lease, stoppingToken);
            }
        }
    }

    // A child holds later records of the items in its parent: the parent comes first, unless it is gone or finished.
    private static bool IsReadable(Shard shard, List<Shard> shards, Dictionary<string, ShardLease> known) =>
        known.GetValueOrDefault(shard.ShardId) is not { IsFinished: true }
        && (shard.ParentShardId is not { } parent
            || known.GetValueOrDefault(parent) is { IsFinished: true }
            || shards.All(other => other.ShardId != parent));

    // An owner is dead when its lease stood still for a time measured here alone: clocks of different machines are never compared.
    private bool IsFree(ShardLease? seen)
    {
        if (seen?.Owner is null)
        {
            return true;
        }

        if (!_observed.TryGetValue(seen.ShardId, out var before) || before.Lease != seen)
        {
            _observed[seen.ShardId] = (seen, Stopwatch.GetTimestamp());
            return false;
        }

        return Stopwatch.GetElapsedTime(before.SeenAt) > options.Value.LeaseTimeout;
    }

    private async Task<List<Shard>> ListShardsAsync(string streamArn, CancellationToken cancellationToken)
    {
        var shards = new List<Shard>();
        string? last = null;
        do
        {
            var page = await streams.DescribeStreamAsync(new(streamArn, ExclusiveStartShardId: last), cancellationToken);
            shards.AddRange(page.StreamDescription.Shards);
            last = page.StreamDescription.LastEvaluatedShardId;
        }
        while (last is not null);

        return shards;
    }

    private async Task ReadAsync(ShardLease lease, CancellationToken stoppingToken)
    {
        using var lost = new CancellationTokenSource();
        using var done = new CancellationTokenSource();
        var reader = new ShardReader(streams, projector, purgeFollower, health, options.Value, lease, logger);
        var keeper = new LeaseKeeper(leases, lease, options.Value, logger);
        var keeping = keeper.KeepAsync(() => (reader.Checkpoint, reader.IsFinished), lost, done.Token);
        try
        {
            await reader.RunAsync(stoppingToken, lost.Token);
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
        health.ReportSuccess(lease.ShardId);
        if (!lost.IsCancellationRequested)
        {
            await keeper.ReleaseAsync(reader.Checkpoint, reader.IsFinished);
        }
    }

    [LoggerMessage(LogLevel.Information, "Took shard {ShardId} (epoch {Epoch}) from checkpoint {Checkpoint}.")]
    private partial void LogTaken(string shardId, long epoch, string? checkpoint);

    [LoggerMessage(LogLevel.Warning, "Looking for the shards of {Module} failed.")]
    private partial void LogDiscoveryFailed(Exception exception, string module);

    [LoggerMessage(LogLevel.Error, "The reader of shard {ShardId} ended by a fault; the shard is taken again.")]
    private partial void LogReaderFailed(Exception exception, string shardId);
}
