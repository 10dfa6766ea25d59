using System.Diagnostics;
using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.Streams;

/// <summary>
/// Tells which workers are alive, so that each takes its share of the shards. A worker has a heartbeat: a counter in the lease table (pk
/// <c>workers#{command table}</c>) that it increases.
/// </summary>
internal sealed class WorkerRegistry(
    IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, string self, StreamOptions options)
{
    // A dead worker stays in the table for this many lease timeouts.
    private const int Remembered = 10;

    private readonly Heartbeats<long> _heartbeats = new();
    private long _beat;
    private long _beatAt;

    private string Pk => $"workers#{tables.Command(module)}";

    /// <summary>Writes this worker's heartbeat if it is due, and returns the workers that are alive, this one included.</summary>
    public async Task<IReadOnlyCollection<string>> BeatAndListAsync(CancellationToken cancellationToken)
    {
        if (_beat == 0 || Stopwatch.GetElapsedTime(_beatAt) >= options.RenewInterval)
        {
            var item = ItemFormat.ToKey(Pk, self);
            item["beat"] = AttributeMap.Number(++_beat);
            await dynamoDb.PutItemAsync(new PutItemRequest { TableName = tables.StreamLease, Item = item }, cancellationToken);
            _beatAt = Stopwatch.GetTimestamp();
        }

        var items = await ItemQuery.ReadAsync(dynamoDb, tables.StreamLease, Pk, null, cancellationToken);
        var workers = items.Select(item => (Name: item["sk"].S, Beat: long.Parse(item["beat"].N, CultureInfo.InvariantCulture))).ToList();
        _heartbeats.Observe(workers);
        var others = workers.Select(worker => worker.Name).Where(name => name != self).ToList();
        var dead = others.Where(name => _heartbeats.StillFor(name) > options.LeaseTimeout).ToList();
        foreach (var name in dead.Where(name => _heartbeats.StillFor(name) > options.LeaseTimeout * Remembered))
        {
            await RemoveAsync(name, cancellationToken);
        }

        return [self, .. others.Except(dead).Where(name => IsProven(name, dead.Count))];
    }

    /// <summary>Removes this worker, so that the others need not wait until its heartbeat is stale.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken) => await RemoveAsync(self, cancellationToken);

    // A worker that crashes again and again must not take shards from healthy ones. The more workers died lately, the longer a new one must have lived.
    private bool IsProven(string worker, int deadLately) =>
        _heartbeats.BeatingFor(worker) is var lived && lived > TimeSpan.Zero && lived >= options.LeaseTimeout * deadLately;

    private async Task RemoveAsync(string worker, CancellationToken cancellationToken) =>
        await dynamoDb.DeleteItemAsync(
            new DeleteItemRequest { TableName = tables.StreamLease, Key = ItemFormat.ToKey(Pk, worker) }, cancellationToken);
}
