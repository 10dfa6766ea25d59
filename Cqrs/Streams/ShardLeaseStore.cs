using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.Streams;

/// <summary>
/// Stores leases in the table <c>stream-lease</c> (pk: stream ARN, sk: shard id). Every write has the condition that the epoch is the writer's.
/// A stale owner, which does not know that it lost the lease, cannot move the checkpoint.
/// </summary>
internal sealed class ShardLeaseStore(IAmazonDynamoDB dynamoDb, TableNames tables, TimeProvider time)
{
    public async Task<Dictionary<string, ShardLease>> ListAsync(string streamArn, CancellationToken cancellationToken)
    {
        var leases = new Dictionary<string, ShardLease>();
        Dictionary<string, AttributeValue>? startKey = null;
        do
        {
            var response = await dynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = tables.StreamLease,
                    KeyConditionExpression = "pk = :pk",
                    ExpressionAttributeValues = new() { [":pk"] = AttributeMap.Text(streamArn) },
                    ExclusiveStartKey = startKey,
                    ConsistentRead = true,
                },
                cancellationToken);
            foreach (var lease in response.Items.Select(Read))
            {
                leases[lease.ShardId] = lease;
            }

            startKey = response.LastEvaluatedKey is { Count: > 0 } last ? last : null;
        }
        while (startKey is not null);

        return leases;
    }

    /// <summary>Takes a shard that nobody has.</summary>
    /// <param name="seen">The lease as it was seen; null if there was none.</param>
    /// <param name="streamArn">The stream.</param>
    /// <param name="shardId">The shard.</param>
    /// <param name="owner">The taker.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The lease, or null if another worker was faster or its owner is alive after all.</returns>
    public Task<ShardLease?> TryAcquireAsync(
        ShardLease? seen, string streamArn, string shardId, string owner, CancellationToken cancellationToken) =>
        UpdateAsync(
            new ShardLease(streamArn, shardId, owner, (seen?.Epoch ?? 0) + 1, (seen?.Beat ?? 0) + 1, seen?.Checkpoint, IsFinished: false, RenewedAt: Now()),
            seen is null ? "attribute_not_exists(pk)" : IsAsSeen,
            seen,
            cancellationToken);

    /// <summary>Shows that the owner lives, and writes its checkpoint.</summary>
    /// <returns>The lease as it is now, or null if it was lost.</returns>
    public Task<ShardLease?> TryRenewAsync(
        ShardLease lease, string? checkpoint, bool isFinished, long lagMs, CancellationToken cancellationToken) =>
        UpdateAsync(
            lease with { Beat = lease.Beat + 1, Checkpoint = checkpoint, IsFinished = isFinished, LagMs = lagMs, RenewedAt = Now() },
            IsOwn,
            lease,
            cancellationToken);

    /// <summary>Gives a shard up, so that another worker may take it at once.</summary>
    public Task<ShardLease?> TryReleaseAsync(ShardLease lease, string? checkpoint, CancellationToken cancellationToken) =>
        UpdateAsync(
            lease with { Owner = null, Beat = lease.Beat + 1, Checkpoint = checkpoint, RenewedAt = Now() },
            IsOwn,
            lease,
            cancellationToken);

    /// <summary>Deletes the lease of a shard that is no more, unless somebody has taken it since.</summary>
    public async Task TryDeleteAsync(ShardLease lease, CancellationToken cancellationToken)
    {
        try
        {
            await dynamoDb.DeleteItemAsync(
                new DeleteItemRequest
                {
                    TableName = tables.StreamLease,
                    Key = ItemFormat.ToKey(lease.StreamArn, lease.ShardId),
                    ConditionExpression = IsAsSeen,
                    ExpressionAttributeValues = Seen(lease),
                },
                cancellationToken);
        }
        catch (ConditionalCheckFailedException)
        {
            // Another worker has taken the lease meanwhile.
        }
    }

    /// <summary>Has the command table of a stream replayed (again): whoever is at it starts over.</summary>
    public async Task RequestReplayAsync(string streamArn, CancellationToken cancellationToken)
    {
        await dynamoDb.UpdateItemAsync(
            new UpdateItemRequest
            {
                TableName = tables.StreamLease,
                Key = ItemFormat.ToKey(streamArn, ReplayReader.ShardId),
                UpdateExpression = "SET isFinished = :no, lagMs = :zero, renewedAt = :now ADD epoch :one, beat :one REMOVE #owner, checkpoint",
                ExpressionAttributeNames = new() { ["#owner"] = "owner" },
                ExpressionAttributeValues = new()
                {
                    [":no"] = new AttributeValue { BOOL = false },
                    [":zero"] = AttributeMap.Number(0),
                    [":one"] = AttributeMap.Number(1),
                    [":now"] = AttributeMap.Text(ItemFormat.FormatTime(Now())),
                },
            },
            cancellationToken);
    }

    // Rounded to the precision of the item. A lease that is read back equals the one that was written.
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private async Task<ShardLease?> UpdateAsync(
        ShardLease lease, string condition, ShardLease? seen, CancellationToken cancellationToken)
    {
        try
        {
            await dynamoDb.PutItemAsync(
                new PutItemRequest
                {
                    TableName = tables.StreamLease,
                    Item = Write(lease),
                    ConditionExpression = condition,
                    ExpressionAttributeNames = condition == IsOwn ? new() { ["#owner"] = "owner" } : null,
                    ExpressionAttributeValues = seen is null ? null
                        : condition == IsOwn ? new() { [":epoch"] = AttributeMap.Number(seen.Epoch), [":owner"] = AttributeMap.Text(seen.Owner!) }
                        : Seen(seen),
                    ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure.ALL_OLD,
                },
                cancellationToken);
            return lease;
        }
        catch (ConditionalCheckFailedException refused)
        {
            // The answer may have been lost, and the client repeated the write.
            return refused.Item is { Count: > 0 } && Read(refused.Item) == lease ? lease : null;
        }
    }

    // The epoch alone fences a stale owner. A renewal whose answer was lost must not look like a lost lease.
    private const string IsOwn = "epoch = :epoch AND #owner = :owner";

    private const string IsAsSeen = "epoch = :epoch AND beat = :beat";

    private static Dictionary<string, AttributeValue> Seen(ShardLease lease) =>
        new() { [":epoch"] = AttributeMap.Number(lease.Epoch), [":beat"] = AttributeMap.Number(lease.Beat) };

    private static Dictionary<string, AttributeValue> Write(ShardLease lease)
    {
        var item = ItemFormat.ToKey(lease.StreamArn, lease.ShardId);
        item["epoch"] = AttributeMap.Number(lease.Epoch);
        item["beat"] = AttributeMap.Number(lease.Beat);
        item["isFinished"] = new AttributeValue { BOOL = lease.IsFinished };
        item["lagMs"] = AttributeMap.Number(lease.LagMs);
        item["renewedAt"] = AttributeMap.Text(ItemFormat.FormatTime(lease.RenewedAt));
        if (lease.Owner is not null)
        {
            item["owner"] = AttributeMap.Text(lease.Owner);
        }

        if (lease.Checkpoint is not null)
        {
            item["checkpoint"] = AttributeMap.Text(lease.Checkpoint);
        }

        return item;
    }

    private static ShardLease Read(Dictionary<string, AttributeValue> item) => new(
        item["pk"].S,
        item["sk"].S,
        item.GetValueOrDefault("owner")?.S,
        long.Parse(item["epoch"].N, CultureInfo.InvariantCulture),
        long.Parse(item["beat"].N, CultureInfo.InvariantCulture),
        item.GetValueOrDefault("checkpoint")?.S,
        item.GetValueOrDefault("isFinished")?.BOOL == true,
        long.Parse(item["lagMs"].N, CultureInfo.InvariantCulture),
        DateTimeOffset.Parse(item["renewedAt"].S, CultureInfo.InvariantCulture));
}
