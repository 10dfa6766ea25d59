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
    private const int MaxBatchWrite = 25;

    /// <summary>Applies commands of any items in any order; repeated and late ones change nothing.</summary>
    /// <returns>The commands, with predecessors that were missing, by item and in version order.</returns>
    public async Task<List<CommandModel>> ApplyAsync(IEnumerable<CommandModel> batch, CancellationToken cancellationToken)
    {
        var items = batch
            .DistinctBy(command => (command.Pk, command.Sk))
            .GroupBy(command => command.Key)
            .Select(group => new ItemBatch(group.Key, [.. group.OrderBy(command => command.Version)]))
            .ToList();

        await ReadDataAsync(items, cancellationToken);
        await AddMissingAsync(items, cancellationToken);

        // History first: that data has moved past a version tells that the version is in history.
        await PutHistoryAsync(items.SelectMany(item => item.Superseded()), cancellationToken);
        await Parallel.ForEachAsync(
            items.Where(item => item.Commands[^1].Version > item.DataVersion),
            new ParallelOptions { MaxDegreeOfParallelism = WritesAtOnce, CancellationToken = cancellationToken },
            async (item, token) => await PutDataAsync(item.Commands[^1].ToData(), token));

        return [.. items.SelectMany(item => item.Commands)];
    }

    /// <summary>The versions of the given items in the data table.</summary>
    public Task<IReadOnlyDictionary<ItemKey, long>> GetVersionsAsync(IEnumerable<ItemKey> keys, CancellationToken cancellationToken) =>
        dataService.GetVersionsAsync(keys, cancellationToken);

    // An item whose first version is in the batch lacks no predecessor, and needs no look at its data row.
    private async Task ReadDataAsync(List<ItemBatch> items, CancellationToken cancellationToken)
    {
        var updated = items.Where(item => item.Commands[0].Version > 1).ToDictionary(item => item.Key);
        var rows = await BatchReader.ReadAsync(
            dynamoDb, tables.Data(module), updated.Keys.Select(key => ItemFormat.ToKey(key.Pk, key.Sk)), cancellationToken);
        foreach (var row in rows.Select(ItemFormat.ToData))
        {
            updated[row.Key].Data = row;
        }
    }

    private async Task AddMissingAsync(List<ItemBatch> items, CancellationToken cancellationToken)
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

    private async Task PutHistoryAsync(IEnumerable<DataModel> superseded, CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(
            superseded.Chunk(MaxBatchWrite),
            new ParallelOptions { MaxDegreeOfParallelism = WritesAtOnce, CancellationToken = cancellationToken },
            async (chunk, token) => await BatchWriter.WriteAsync(
                dynamoDb,
                tables.History(module),
                chunk.Select(state => new WriteRequest(new PutRequest(ItemFormat.ToItem(state.ToHistory())))),
                token));

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

        public DataModel? Data { get; set; }

        public long DataVersion => Data?.Version ?? 0;

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

        /// <summary>The states that end when the newest command of the batch is applied; none if data is there already.</summary>
        public IEnumerable<DataModel> Superseded()
        {
            if (Commands[^1].Version <= DataVersion)
            {
                return [];
            }

            var applied = Commands.Where(command => command.Version >= DataVersion).SkipLast(1).Select(command => command.ToData());
            return Data is null || Commands.Any(command => command.Version == DataVersion) ? applied : applied.Prepend(Data);
        }
    }
}
