using System.Diagnostics;
using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace Cqrs.Streams;

/// <summary>
/// Counts the workers that are alive, so that each takes its share of the shards. A worker shows itself by a counter in the lease table (pk
/// <c>workers#{command table}</c>); one whose counter stands still is dead. No clock is compared.
/// </summary>
internal sealed class WorkerRegistry(
    IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, string self, StreamOptions options)
{
    private readonly Dictionary<string, (long Beat, long SeenAt)> _observed = [];
    private long _beat;
    private long _countedAt;
    private int _count = 1;

    private string Pk => $"workers#{tables.Command(module)}";

    /// <summary>How many workers are alive, this one included. Looks anew at most once per renew interval.</summary>
    public async Task<int> CountAsync(CancellationToken cancellationToken)
    {
        if (_beat > 0 && Stopwatch.GetElapsedTime(_countedAt) < options.RenewInterval)
        {
            return _count;
        }

        var item = ItemFormat.ToKey(Pk, self);
        item["beat"] = AttributeMap.Number(++_beat);
        await dynamoDb.PutItemAsync(new PutItemRequest { TableName = tables.StreamLease, Item = item }, cancellationToken);

        var workers = await PurgeService.QueryAsync(dynamoDb, tables.StreamLease, Pk, null, cancellationToken);
        _count = 0;
        foreach (var worker in workers)
        {
            _count += await IsAliveAsync(worker["sk"].S, long.Parse(worker["beat"].N, CultureInfo.InvariantCulture), cancellationToken) ? 1 : 0;
        }

        _countedAt = Stopwatch.GetTimestamp();
        return Math.Max(1, _count);
    }

    /// <summary>Signs this worker off, so that the others need not wait to see it gone.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken) => await RemoveAsync(self, cancellationToken);

    private async Task<bool> IsAliveAsync(string worker, long beat, CancellationToken cancellationToken)
    {
        if (worker == self)
        {
            return true;
        }

        if (!_observed.TryGetValue(worker, out var before) || before.Beat != beat)
        {
            _observed[worker] = (beat, Stopwatch.GetTimestamp());
            return true;
        }

        var still = Stopwatch.GetElapsedTime(before.SeenAt);
        if (still > options.LeaseTimeout * 10)
        {
            await RemoveAsync(worker, cancellationToken);
        }

        return still <= options.LeaseTimeout;
    }

    private async Task RemoveAsync(string worker, CancellationToken cancellationToken) =>
        await dynamoDb.DeleteItemAsync(
            new DeleteItemRequest { TableName = tables.StreamLease, Key = ItemFormat.ToKey(Pk, worker) }, cancellationToken);
}
