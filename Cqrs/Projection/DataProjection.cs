using System.Collections.Concurrent;
using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Publishing;
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
    CommandStore commands,
    DataService dataService,
    ILogger<DataProjection> logger)
{
    private const int WritesAtOnce = 16;
    private const int LanesAtOnce = 4;
    private const int ItemsInLane = 100;
    private const int MaxBatchWrite = 25;

    /// <summary>Applies commands of any items in any order; repeated and late ones change nothing.</summary>
    /// <param name="batch">The commands.</param>
    /// <param name="cancellationToken">Stops it; it is then to be done again.</param>
    /// <param name="orphans">Is given the items that were not in data and have no first version, as if they had been purged.</param>
    /// <returns>The commands, with predecessors that were missing, by item and in version order.</returns>
    public async Task<List<CommandModel>> ApplyAsync(
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

        foreach (var item in items.Where(item => item.Row is null && item.Commands[0].Version > 1))
        {
            orphans?.Enqueue(item.Key);
        }

        return [.. items.SelectMany(item => item.Commands)];
    }

    private async Task ApplyLaneAsync(IReadOnlyList<ItemBatch> items, int writesAtOnce, CancellationToken cancellationToken)
    {
        await ReadDataAsync(items, cancellationToken);
        await AddMissingAsync(items, cancellationToken);

        // History first: that data has moved past a version tells that the version is in history.
        await PutHistoryAsync(items.SelectMany(item => item.Superseded()), writesAtOnce, cancellationToken);
        await Parallel.ForEachAsync(
            items.Where(item => item.Commands[^1].Version > item.DataVersion),
            new ParallelOptions { MaxDegreeOfParallelism = writesAtOnce, CancellationToken = cancellationToken },
            async (item, token) => await PutDataAsync(item.Commands[^1].ToData(), token));
    }

    /// <summary>The versions of the given items in the data table.</summary>
    public Task<IReadOnlyDictionary<ItemKey, long>> GetVersionsAsync(IEnumerable<ItemKey> keys, CancellationToken cancellationToken) =>
        dataService.GetVersionsAsync(keys, cancellationToken);

    // An item whose first version is in the batch lacks no predecessor, and needs no look at its data row.
    private async Task ReadDataAsync(IReadOnlyList<ItemBatch> items, CancellationToken cancellationToken)
    {
        var updated = items.Where(item => item.Commands[0].Version > 1).ToDictionary(item => item.Key);
        var rows = await BatchReader.ReadAsync(
            dynamoDb, tables.Data(module), updated.Keys.Select(key => ItemFormat.ToKey(key.Pk, key.Sk)), cancellationToken);
        foreach (var row in rows)
        {
            updated[new ItemKey(row["pk"].S, row["sk"].S)].Row = row;
        }
    }

    private async Task AddMissingAsync(IReadOnlyList<ItemBatch> items, CancellationToken cancellationToken)
    {
        var missing = items.SelectMany(item => item.MissingVersions().Select(version => new KeyVersion(item.Key, version))).ToHashSet();
        if (missing.Count == 0)
        {
            return;
        }

        var byKey = items.ToDictionary(item => item.Key);
        foreach (var command in await commands.GetAsync(missing, cancellationToken))
        {
            byKey[command.Key].Commands.Add(command);
            missing.Remove(new(command.Key, command.Version));
        }

        foreach (var item in items)
        {
            item.Commands.Sort((left, right) => left.Version.CompareTo(right.Version));
        }

        foreach (var (key, version) in missing)
        {
            LogPredecessorAbsent(key, version);
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
                    ConditionExpression = "attribute_not_exists(pk) OR version < :version",
                    ExpressionAttributeValues = new() { [":version"] = AttributeMap.Number(state.Version) },
                },
                cancellationToken);
        }
        catch (ConditionalCheckFailedException)
        {
            // Somebody else has brought the row to this version or beyond: what was wanted holds.
        }
    }

    [LoggerMessage(LogLevel.Warning, "The command {Key} version {Version} is not in the command table; it is passed over.")]
    private partial void LogPredecessorAbsent(ItemKey key, long version);

    private sealed class ItemBatch(ItemKey key, List<CommandModel> commands)
    {
        public ItemKey Key => key;

        public List<CommandModel> Commands => commands;

        /// <summary>The row of the data table as it is stored. It goes into history as it is: reading it would only be to write it again.</summary>
        public Dictionary<string, AttributeValue>? Row { get; set; }

        public long DataVersion => Row is null ? 0 : long.Parse(Row["version"].N, CultureInfo.InvariantCulture);

        public IEnumerable<long> MissingVersions()
        {
            var present = Commands.Select(command => command.Version).ToHashSet();
            for (var version = DataVersion + 1; version < Commands[^1].Version; version++)
            {
                if (!present.Contains(version))
                {
                    yield return version;
                }
            }
        }

        /// <summary>
        /// The states that end when the newest command of the batch is applied, as items of the history table; none if data is there already.
        /// </summary>
        public IEnumerable<Dictionary<string, AttributeValue>> Superseded()
        {
            if (Commands[^1].Version <= DataVersion)
            {
                return [];
            }

            var dataVersion = DataVersion;
            var applied = Commands.Where(command => command.Version >= dataVersion).SkipLast(1)
                .Select(command => ItemFormat.ToItem(command.ToData().ToHistory()));
            return Row is null || Commands.Any(command => command.Version == dataVersion) ? applied : applied.Prepend(ItemFormat.ToHistory(Row));
        }
    }
}
