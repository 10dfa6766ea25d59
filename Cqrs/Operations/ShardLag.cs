using Amazon.DynamoDBv2;
using Cqrs.Streams;
using Cqrs.Tables;

namespace Cqrs.Operations;

/// <summary>How the projection of a module stands, shard by shard, as the workers have last said.</summary>
public sealed class ShardLag
{
    // An owner renews every few seconds: one that has not for this long adds to the lag itself.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly IAmazonDynamoDB _dynamoDb;
    private readonly string _table;
    private readonly ShardLeaseStore _leases;
    private readonly TimeProvider _time;

    internal ShardLag(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, ShardLeaseStore leases, TimeProvider time) =>
        (_dynamoDb, _table, _leases, _time) = (dynamoDb, tables.Command(module), leases, time);

    /// <summary>Returns the shards that are not read to their end, with owner, checkpoint and lag in milliseconds.</summary>
    public async Task<IReadOnlyList<ShardLease>> GetShardsAsync(CancellationToken cancellationToken)
    {
        var table = await _dynamoDb.DescribeTableAsync(_table, cancellationToken);
        var leases = await _leases.ListAsync(table.Table.LatestStreamArn, cancellationToken);
        var now = _time.GetUtcNow();
        return
        [
            .. leases.Values
                .Where(lease => !lease.IsFinished)
                .Select(lease => now - lease.RenewedAt is var silent && silent > Silence
                    ? lease with { LagMs = lease.LagMs + (long)silent.TotalMilliseconds }
                    : lease),
        ];
    }
}
