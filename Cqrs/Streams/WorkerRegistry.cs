using System.Diagnostics;
using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.Streams;

/// <summary>
/// Tells which workers are alive, so that each takes its share of the shards. A worker shows itself by a counter in the lease table (pk
/// <c>workers#{command table}</c>) that is seen to move.
/// </summary>
internal sealed class WorkerRegistry(
    IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, string self, StreamOptions options)
{
    // One that died without signing off is remembered for so many times the time it takes to see that.
    private const int Remembered = 10;

    private readonly Heartbeats<long> _heartbeats = new();
    private long _beat;
    private long _beatAt;

    private string Pk => $"workers#{tables.Command(module)}";

    /// <summary>The workers that are alive, this one included.</summary>
    public async Task<IReadOnlyCollection<string>> ListAliveAsync(CancellationToken cancellationToken)
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

    /// <summary>Signs this worker off, so that the others need not wait to see it gone.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken) => await RemoveAsync(self, cancellationToken);

    // One that comes up, dies and comes up again must not take shards from those who live: the more have died lately, the longer must one have lived.
    private bool IsProven(string worker, int deadLately) =>
        _heartbeats.BeatingFor(worker) is var lived && lived > TimeSpan.Zero && lived >= options.LeaseTimeout * deadLately;

    private async Task RemoveAsync(string worker, CancellationToken cancellationToken) =>
        await dynamoDb.DeleteItemAsync(
            new DeleteItemRequest { TableName = tables.StreamLease, Key = ItemFormat.ToKey(Pk, worker) }, cancellationToken);
}
