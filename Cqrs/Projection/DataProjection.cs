using System.Collections.Concurrent;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Projection;

/// <summary>
/// Brings the history and data tables up to commands. Every write is guarded by version or immutable, so that any number of workers
/// and synchronous publishes may do it at once, in any order, any number of times.
/// </summary>
internal sealed partial class DataProjection(
    IAmazonDynamoDB dynamoDb,
    TableNames tables,
    CqrsModule module,
    DataService dataService,
    ILogger<DataProjection> logger)
{
    /// <summary>How many predecessors are read, and brought to the read models, at a time.</summary>
    internal const int MissingAtOnce = 500;

    private const int WritesAtOnce = 16;
    private const int LanesAtOnce = 4;
    private const int ItemsInLane = 100;
    private const int MaxBatchWrite = 25;
    private const int FewRows = 10;

    // How many rows are read at first: all of a lane, but after large ones.
    private int _rowsAtFirst = ItemsInLane;

    /// <summary>Applies commands of any items in any order; repeated and late ones change nothing.</summary>
    /// <param name="batch">The commands.</param>
    /// <param name="cancellationToken">Stops it; it is then to be done again.</param>
    /// <param name="orphans">Is given the items that were not in data and have no first version, as if they had been purged.</param>
    /// <returns>
    /// The commands that were applied, with predecessors that were missing, by item and in version order; and those that wait, because more
    /// predecessors are missing than are read at a time: they are to be applied next.
    /// </returns>
    public async Task<(List<CommandModel> Applied, List<CommandModel> Waiting)> ApplyAsync(
        IEnumerable<CommandModel> batch, CancellationToken cancellationToken, ConcurrentQueue<ItemKey>? orphans = null)
    {
        var items = batch
            .DistinctBy(command => (command.Pk, command.Sk))
            .GroupBy(command => command.Key)
            .Select(group => new ItemBatch(group.Key, [.. group.OrderBy(command => command.Version)]))
            .ToList();

        // In lanes, each with its own items: while one waits for its reads, another writes.
        var lanes = items.Chunk(ItemsInLane).ToList();
        var writesInLane = Math.Max(WritesAtOnce / LanesAtOnce, WritesAtOnce / Math.Max(1, lanes.Count));
        await Parallel.ForEachAsync(
            lanes,
            new ParallelOptions { MaxDegreeOfParallelism = LanesAtOnce, CancellationToken = cancellationToken },
            async (lane, token) => await ApplyLaneAsync(lane, writesInLane, token));

        foreach (var item in items.Where(item => item is { IsStored: false, Commands: [{ Version: > 1 }, ..] }))
        {
            orphans?.Enqueue(item.Key);
        }

        return ([.. items.SelectMany(item => item.Commands)], [.. items.SelectMany(item => item.Waiting)]);
    }

    private async Task ApplyLaneAsync(IReadOnlyList<ItemBatch> items, int writesAtOnce, CancellationToken cancellationToken)
    {
        // All of them, but where the rows are large.
        for (var rest = items; rest.Count > 0;)
        {
            (var some, rest) = await ReadDataAsync(rest, cancellationToken);
            await AddMissingAsync(some, cancellationToken);

            // History first: that data has moved past a version tells that the version is in history.
            await PutHistoryAsync(some.SelectMany(item => item.Superseded()), writesAtOnce, cancellationToken);
            await Parallel.ForEachAsync(
                some.Where(item => item.IsAhead),
                new ParallelOptions { MaxDegreeOfParallelism = writesAtOnce, CancellationToken = cancellationToken },
                async (item, token) => await PutDataAsync(item.Commands[^1].ToData(), token));
            some.ForEach(item => item.ForgetRow());
        }
    }

    /// <summary>Returns the versions of the given items in the data table.</summary>
    public Task<IReadOnlyDictionary<ItemKey, long>> GetVersionsAsync(IEnumerable<ItemKey> keys, CancellationToken cancellationToken) =>
        dataService.GetVersionsAsync(keys, cancellationToken);

    // An item whose first version is in the batch lacks no predecessor, and needs no look at its data row.
    private async Task<(List<ItemBatch> Read, IReadOnlyList<ItemBatch> Unread)> ReadDataAsync(
        IReadOnlyList<ItemBatch> items, CancellationToken cancellationToken)
    {
        var isUpdated = items.ToLookup(item => item.Commands[0].Version > 1);
        var updated = isUpdated[true].ToList();
        var (rows, read) = await BatchReader.ReadSomeAsync(
            dynamoDb,
            tables.Data(module),
            [.. updated.Select(item => ItemFormat.ToKey(item.Key.Pk, item.Key.Sk))],
            cancellationToken,
            _rowsAtFirst);
        if (rows.Count > 0)
        {
            var mean = rows.Sum(row => (long)ItemSize.Of(row)) / rows.Count;
            _rowsAtFirst = (int)Math.Clamp(ItemSize.MaxBytesAtOnce / Math.Max(1, mean), FewRows, ItemsInLane);
        }

        var byKey = updated.ToDictionary(item => item.Key);
        foreach (var row in rows)
        {
            byKey[new ItemKey(row["pk"].S, row["sk"].S)].SetRow(row);
        }

        return ([.. isUpdated[false], .. updated.Take(read)], updated[read..]);
    }

    // An item of which many are missing goes up step by step, and so does a lane in which many items miss some.
    private async Task AddMissingAsync(IReadOnlyList<ItemBatch> items, CancellationToken cancellationToken)
    {
        var missing = new List<KeyVersion>();
        var incomplete = new List<(ItemBatch Item, List<long> Versions)>();
        foreach (var item in items)
        {
            var versions = item.MissingVersions().Take(MissingAtOnce).ToList();
            if (missing.Count + versions.Count > MissingAtOnce)
            {
                item.WaitAbove(item.DataVersion);
            }
            else if (versions.Count > 0)
            {
                missing.AddRange(versions.Select(version => new KeyVersion(item.Key, version)));
                incomplete.Add((item, versions));
            }
        }

        if (missing.Count == 0)
        {
            return;
        }

        var (stored, read) = await BatchReader.ReadSomeAsync(
            dynamoDb, tables.Command(module), [.. missing.Select(one => ItemFormat.ToKey(one.Key.Pk, one.Key.VersionSk(one.Version)))], cancellationToken);
        var found = ReadableItems.Read(stored, ItemFormat.ToCommand, logger).ToLookup(command => command.Key);
        var unread = missing.Skip(read).ToLookup(one => one.Key, one => one.Version);
        foreach (var (item, versions) in incomplete)
        {
            item.Commands.AddRange(found[item.Key]);
            item.Commands.Sort((left, right) => left.Version.CompareTo(right.Version));
            // Large ones: what comes after those that are read waits for the others.
            if (unread.Contains(item.Key))
            {
                item.WaitAbove(found.Contains(item.Key) ? unread[item.Key].First() - 1 : item.DataVersion);
                continue;
            }

            // Versions have no gaps: where there is none of so many, there are none above, whatever version somebody has made up.
            if (versions.Count == MissingAtOnce && found.Contains(item.Key))
            {
                item.WaitAbove(versions[^1]);
            }

            var absent = versions.Except(found[item.Key].Select(command => command.Version)).Where(version => version < item.Commands[^1].Version).ToList();
            if (absent.Count > 0)
            {
                LogPredecessorsAbsent(absent.Count, item.Key, absent[0]);
            }
        }
    }

    private async Task PutHistoryAsync(
        IEnumerable<Dictionary<string, AttributeValue>> superseded, int writesAtOnce, CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(
            superseded.Chunk(MaxBatchWrite),
            new ParallelOptions { MaxDegreeOfParallelism = writesAtOnce, CancellationToken = cancellationToken },
            async (chunk, token) => await BatchWriter.WriteAsync(
                dynamoDb, tables.History(module), chunk.Select(state => new WriteRequest(new PutRequest(state))), token));

    private async Task PutDataAsync(DataModel state, CancellationToken cancellationToken)
    {
        try
        {
            await dynamoDb.PutItemAsync(
                new PutItemRequest
                {
                    TableName = tables.Data(module),
                    Item = ItemFormat.ToItem(state),
                    ConditionExpression = $"{ItemFormat.HasNoVersion} OR version < :version",
                    ExpressionAttributeValues = new([ItemFormat.TypeOfVersion]) { [":version"] = AttributeMap.Number(state.Version) },
                },
                cancellationToken);
        }
        catch (ConditionalCheckFailedException)
        {
            // Somebody else has brought the row to this version or beyond: what was wanted holds.
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Count} predecessors, from {Key} version {Version} on, are not in the command table; they are passed over.")]
    private partial void LogPredecessorsAbsent(int count, ItemKey key, long version);
}
