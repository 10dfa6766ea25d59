using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.CommandLog;

/// <summary>Reads a module's command table. All reads are strongly consistent, because rules depend on them.</summary>
internal sealed partial class CommandStore(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, ILogger<CommandStore> logger)
{
    private const int ProbesNearby = 4;
    private const int ProbesAtOnce = 32;

    private readonly string _table = tables.Command(module);

    /// <summary>Returns a command; null if it does not exist, or another program has written an item that is not a command.</summary>
    public async Task<CommandModel?> GetAsync(ItemKey key, long version, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(key, version, cancellationToken);
        }
        catch (UnreadableItemException unreadable)
        {
            LogUnreadable(unreadable, unreadable.Pk, unreadable.Sk);
            return null;
        }
    }

    /// <summary>Returns a command, or null if there is none.</summary>
    /// <exception cref="UnreadableItemException">Another program has written an item that is not a command.</exception>
    public async Task<CommandModel?> ReadAsync(ItemKey key, long version, CancellationToken cancellationToken)
    {
        var response = await dynamoDb.GetItemAsync(
            new GetItemRequest { TableName = _table, Key = ItemFormat.ToKey(key.Pk, key.VersionSk(version)), ConsistentRead = true },
            cancellationToken);
        return response.IsItemSet ? ItemFormat.ToCommand(response.Item) : null;
    }

    /// <summary>Reads many commands, in batches; those that do not exist, or cannot be read, are left out.</summary>
    public async Task<List<CommandModel>> GetAsync(IEnumerable<KeyVersion> versions, CancellationToken cancellationToken)
    {
        var items = await BatchReader.ReadAsync(
            dynamoDb, _table, versions.Select(v => ItemFormat.ToKey(v.Key.Pk, v.Key.VersionSk(v.Version))), cancellationToken);
        return [.. ReadableItems.Read(items, ItemFormat.ToCommand, logger)];
    }

    /// <summary>Reads the first of many commands, in the given order, as many as memory allows. Commands that do not exist or cannot be read are left out.</summary>
    /// <returns>The commands, and the number of versions that were looked up, at least one.</returns>
    public async Task<(List<CommandModel> Commands, int VersionsRead)> GetSomeAsync(
        IReadOnlyList<KeyVersion> versions, CancellationToken cancellationToken)
    {
        var (items, read) = await BatchReader.ReadSomeAsync(
            dynamoDb, _table, [.. versions.Select(v => ItemFormat.ToKey(v.Key.Pk, v.Key.VersionSk(v.Version)))], cancellationToken);
        return ([.. ReadableItems.Read(items, ItemFormat.ToCommand, logger)], read);
    }

    /// <summary>Returns the newest version of an item, 0 if it has none.</summary>
    /// <param name="key">The item.</param>
    /// <param name="known">A version that exists, or 0.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public async Task<long> FindNewestVersionAsync(ItemKey key, long known, CancellationToken cancellationToken) =>
        (await FindNewestAboveAsync(key, known, cancellationToken))?.Version ?? known;

    /// <summary>
    /// Returns the newest command above a version of an item; null if there is none. Versions have no gaps, so an exponential search finds it, with a batch of
    /// probes in each step. If the newest is near, one small batch returns it. Among ten thousand versions the search takes five batches and a read.
    /// </summary>
    /// <param name="key">The item.</param>
    /// <param name="known">A version that exists, or 0.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public async Task<CommandModel?> FindNewestAboveAsync(ItemKey key, long known, CancellationToken cancellationToken)
    {
        // Every probe costs a read unit, and usually few versions are above. So the first batch is small.
        var near = await GetAsync(Enumerable.Range(1, ProbesNearby).Select(step => new KeyVersion(key, known + step)), cancellationToken);
        var nearest = near.MaxBy(command => command.Version);
        if (nearest is null || nearest.Version < known + ProbesNearby)
        {
            return nearest;
        }

        var newest = nearest.Version;
        var absent = long.MaxValue;
        while (newest < absent - 1)
        {
            var probes = absent < long.MaxValue ? Narrow(newest, absent) : Gallop(newest);
            var found = await ProbeAsync(key, probes, cancellationToken);
            newest = Math.Max(newest, found.Count == 0 ? 0 : found.Max());
            var missing = probes.Where(version => version > newest).ToList();
            absent = missing.Count == 0 ? absent : missing.Min();
        }

        return newest == nearest.Version ? nearest : await GetAsync(key, newest, cancellationToken);
    }

    /// <summary>Returns those of the given commands that are marked as failed.</summary>
    public async Task<IReadOnlySet<KeyVersion>> FindFailedAsync(IEnumerable<KeyVersion> versions, CancellationToken cancellationToken)
    {
        var items = await BatchReader.ReadAsync(
            dynamoDb, _table, versions.Select(v => ItemFormat.ToKey(v.Key.Pk, v.Key.VersionSk(v.Version))), cancellationToken, "pk, sk, failedReason");
        return items
            .Where(item => item.ContainsKey("failedReason"))
            .Select(item => new KeyVersion(
                new ItemKey(item["pk"].S, Keys.RemoveSortKeyVersion(item["sk"].S)), Keys.GetSortKeyVersion(item["sk"].S)!.Value))
            .ToHashSet();
    }

    private static List<long> Gallop(long from) => [.. Enumerable.Range(2, 9).Select(power => from + (1L << (2 * power)))];

    private static List<long> Narrow(long present, long absent)
    {
        var step = Math.Max(1, (absent - present) / ProbesAtOnce);
        var probes = new List<long>();
        for (var version = present + step; version < absent && probes.Count < ProbesAtOnce; version += step)
        {
            probes.Add(version);
        }

        return probes;
    }

    private async Task<List<long>> ProbeAsync(ItemKey key, List<long> versions, CancellationToken cancellationToken)
    {
        var items = await BatchReader.ReadAsync(
            dynamoDb, _table, versions.Select(version => ItemFormat.ToKey(key.Pk, key.VersionSk(version))), cancellationToken, "sk");
        return [.. items.Select(item => Keys.GetSortKeyVersion(item["sk"].S)!.Value)];
    }

    [LoggerMessage(LogLevel.Error, "The item {Pk} / {Sk} is not what it should be; it is taken for none.")]
    private partial void LogUnreadable(Exception exception, string pk, string sk);
}
