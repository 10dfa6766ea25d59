using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Tables;

namespace Cqrs.Purging;

/// <summary>
/// Removes an item for good: its commands, history, data, codes, idempotency keys, session entries and parked entries. The worker sees in the stream that
/// the commands are gone, and removes the item from the targets of the handlers: <see cref="PurgeFollower"/>. The README of this folder shows the races.
/// </summary>
public sealed class PurgeService
{
    private const int MaxBatchWrite = 25;

    // The contents of all versions together may be larger than the memory.
    private static readonly string[] Needed = ["pk", "sk", "code", "tenantCode", "updatedBy", .. UnchangedItems.IdentifyingNames];

    private readonly IAmazonDynamoDB _dynamoDb;
    private readonly TableNames _tables;
    private readonly CqrsModule _module;
    private readonly Tombstones _tombstones;
    private readonly PurgedCodes _codes;
    private readonly UnchangedItems _unchanged;

    internal PurgeService(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module)
    {
        _dynamoDb = dynamoDb;
        _tables = tables;
        _module = module;
        _tombstones = new(dynamoDb, tables, module);
        _codes = new(dynamoDb, tables, module);
        _unchanged = new(dynamoDb);
    }

    /// <summary>
    /// Purges an item. A purge that has begun goes on when the caller leaves. If a store goes down, the purge stops half-way. The commands are deleted last,
    /// so the caller can purge the item again.
    /// </summary>
    /// <returns>Whether the item had any command.</returns>
    public async Task<bool> PurgeAsync(ItemKey key, CancellationToken cancellationToken = default)
    {
        var commands = await VersionsAsync(_tables.Command(_module), key, cancellationToken);
        if (commands.Count == 0)
        {
            return false;
        }

        // A purge that is cancelled half-way would leave an item whose code is free for others.
        cancellationToken = CancellationToken.None;
        // This call may hang until another purge has removed the item and it was recreated. So every delete has the condition that the item is as read.
        var first = commands.Find(command => command["sk"].S == key.VersionSk(1));
        var newest = commands.Select(command => command.GetValueOrDefault("updatedAt")?.S).Max(StringComparer.Ordinal);
        await _codes.FreeAsync(key, commands.Select(command => command.GetValueOrDefault("code")?.S).OfType<string>(), first, cancellationToken);
        await ForgetIdempotencyKeysAsync(key, _ => true, cancellationToken);
        await DeleteAsync(_tables.Session, commands.Select(command => SessionKey(key, command)), cancellationToken);
        var history = await VersionsAsync(_tables.History(_module), key, cancellationToken);
        await _unchanged.DeleteAsync(_tables.History(_module), history.Where(IsOld), cancellationToken);
        await DeleteAsync(_tables.Parked, await ParkedAsync(key, cancellationToken), cancellationToken);
        await _tombstones.WriteAsync(key, cancellationToken);
        while (await ReadDataAsync(key, cancellationToken) is { } data && IsOld(data) && !await _unchanged.TryDeleteAsync(_tables.Data(_module), data, cancellationToken))
        {
            // A worker has applied a later version meanwhile. The row is read again.
        }

        await _unchanged.DeleteAsync(_tables.Command(_module), commands, cancellationToken);
        return true;

        // A state of a later command stays: it belongs to a recreated item, or the worker finds it without a first version.
        bool IsOld(Dictionary<string, AttributeValue> state) => string.CompareOrdinal(state.GetValueOrDefault("updatedAt")?.S, newest) <= 0;
    }

    /// <summary>
    /// Removes the leftovers of a writer that read the item before a purge and wrote after it: versions of an item that has no first version and no
    /// reserved code.
    /// </summary>
    /// <param name="key">The item.</param>
    /// <param name="left">The versions that are left.</param>
    /// <param name="cancellationToken">Stops it; it is then to be done again.</param>
    internal async Task FinishAsync(ItemKey key, IReadOnlyCollection<CommandModel> left, CancellationToken cancellationToken)
    {
        await _codes.FreeAsync(key, left.Select(command => command.Code), first: null, cancellationToken);
        var sks = left.Select(command => command.Sk).ToHashSet();
        var items = left.Select(ItemFormat.ToItem).ToList();
        await ForgetIdempotencyKeysAsync(key, sks.Contains, cancellationToken);
        await DeleteAsync(_tables.Session, items.Select(item => SessionKey(key, item)), cancellationToken);
        // The worker deletes one by one. The right to write batches would also let it add commands.
        foreach (var item in items)
        {
            await _unchanged.TryDeleteAsync(_tables.Command(_module), item, cancellationToken);
        }
    }

    /// <summary>
    /// Returns those of the items that have a tombstone. Leftovers of such an item are deleted. Where another program deleted a command without a purge,
    /// there is no tombstone, and the other commands stay.
    /// </summary>
    internal Task<IReadOnlyList<ItemKey>> FindTombstonesAsync(IEnumerable<ItemKey> keys, CancellationToken cancellationToken) =>
        _tombstones.FindAsync(keys, cancellationToken);

    // A sort key has no '@', so exactly the versions of this item begin with the prefix.
    private Task<List<Dictionary<string, AttributeValue>>> VersionsAsync(string table, ItemKey key, CancellationToken cancellationToken) =>
        ItemQuery.ReadAsync(_dynamoDb, table, key.Pk, key.Sk + Keys.VersionSeparator, cancellationToken, Needed);

    private async Task<IEnumerable<Dictionary<string, AttributeValue>>> ParkedAsync(ItemKey key, CancellationToken cancellationToken)
    {
        var parked = await ItemQuery.ReadAsync(
            _dynamoDb, _tables.Parked, _module.Name, null, cancellationToken, "pk", "sk", "commandPk", "commandSk", "command.pk", "command.sk");
        return parked.Where(item => ParkedStore.IsAbout(item, key)).Select(UnchangedItems.KeyOf);
    }

    private async Task ForgetIdempotencyKeysAsync(ItemKey key, Func<string, bool> isOfCommand, CancellationToken cancellationToken)
    {
        var used = await ItemQuery.ReadAsync(_dynamoDb, _tables.Unique(_module), key.Pk, "IDEM#", cancellationToken, "pk", "sk", "commandSk");
        await DeleteAsync(
            _tables.Unique(_module),
            used.Where(item => Keys.RemoveSortKeyVersion(item["commandSk"].S) == key.Sk && isOfCommand(item["commandSk"].S)).Select(UnchangedItems.KeyOf),
            cancellationToken);
    }

    private Dictionary<string, AttributeValue> SessionKey(ItemKey key, Dictionary<string, AttributeValue> command) => ItemFormat.ToKey(
        $"{command.GetValueOrDefault("updatedBy")?.S}{Keys.KeySeparator}{command.GetValueOrDefault("tenantCode")?.S}", $"{_module.Name}{Keys.KeySeparator}{key.Id}");

    private async Task<Dictionary<string, AttributeValue>?> ReadDataAsync(ItemKey key, CancellationToken cancellationToken) =>
        (await BatchReader.ReadAsync(_dynamoDb, _tables.Data(_module), [ItemFormat.ToKey(key.Pk, key.Sk)], cancellationToken)).SingleOrDefault();

    private async Task DeleteAsync(
        string table, IEnumerable<Dictionary<string, AttributeValue>> keys, CancellationToken cancellationToken)
    {
        foreach (var chunk in keys.DistinctBy(key => (key["pk"].S, key["sk"].S)).Chunk(MaxBatchWrite))
        {
            await BatchWriter.WriteAsync(
                _dynamoDb, table, chunk.Select(key => new WriteRequest(new DeleteRequest(key))), cancellationToken);
        }
    }
}
