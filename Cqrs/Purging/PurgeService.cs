using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Publishing;
using Cqrs.Tables;

namespace Cqrs.Purging;

/// <summary>
/// Removes an item for good: its commands, history, data, reservations and what is remembered of it. The worker sees the commands go in the
/// stream, and takes the item out of the handlers' targets and whatever late records have brought back.
/// </summary>
public sealed class PurgeService
{
    private const int MaxBatchWrite = 25;
    private const int DeletesAtOnce = 16;
    private const int MaxAttempts = 20;

    private static readonly string[] IdentifyingNames = ["updatedAt", "requestId"];

    // The contents of all versions at once may be more than there is memory for.
    private static readonly string[] Needed = ["pk", "sk", "code", "tenantCode", "updatedBy", .. IdentifyingNames];

    private readonly IAmazonDynamoDB _dynamoDb;
    private readonly TableNames _tables;
    private readonly CqrsModule _module;
    private readonly PurgeMemory _memory;

    internal PurgeService(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module)
    {
        _dynamoDb = dynamoDb;
        _tables = tables;
        _module = module;
        _memory = new(dynamoDb, tables, module);
    }

    /// <summary>
    /// Purges an item. Once begun it goes to its end, whatever becomes of the caller. The commands go last: a purge that was cut off all
    /// the same (a store went down) is simply asked for again.
    /// </summary>
    /// <returns>Whether there was anything.</returns>
    public async Task<bool> PurgeAsync(ItemKey key, CancellationToken cancellationToken = default)
    {
        var commands = await VersionsAsync(_tables.Command(_module), key, cancellationToken);
        if (commands.Count == 0)
        {
            return false;
        }

        // Half a purge would leave an item whose code is free for others.
        cancellationToken = CancellationToken.None;
        // This call may hang here until another has purged the item and a third has created it anew. So it deletes only what it has read.
        var first = commands.Find(command => command["sk"].S == key.VersionSk(1));
        var newest = commands.Select(command => command.GetValueOrDefault("updatedAt")?.S).Max(StringComparer.Ordinal);
        await FreeCodesAsync(key, commands.Select(command => command.GetValueOrDefault("code")?.S).OfType<string>(), first, cancellationToken);
        await ForgetIdempotencyKeysAsync(key, _ => true, cancellationToken);
        await DeleteAsync(_tables.Session, commands.Select(command => SessionKey(key, command)), cancellationToken);
        var history = await VersionsAsync(_tables.History(_module), key, cancellationToken);
        await DeleteAsReadAsync(_tables.History(_module), history.Where(IsOld), cancellationToken);
        await DeleteAsync(_tables.Parked, await ParkedAsync(key, cancellationToken), cancellationToken);
        await _memory.RememberAsync(key, cancellationToken);
        while (await ReadDataAsync(key, cancellationToken) is { } data && IsOld(data) && !await TryDeleteAsReadAsync(_tables.Data(_module), data, cancellationToken))
        {
            // A worker has applied a later version in between.
        }

        await DeleteAsReadAsync(_tables.Command(_module), commands, cancellationToken);
        return true;

        // Not what was made of a later command: that is a new item's, or what the worker finds without a first version.
        bool IsOld(Dictionary<string, AttributeValue> state) => string.CompareOrdinal(state.GetValueOrDefault("updatedAt")?.S, newest) <= 0;
    }

    /// <summary>
    /// Removes what a writer has left who read the item before a purge and wrote after it: versions of an item that has no first one, and
    /// no code reserved.
    /// </summary>
    /// <param name="key">The item.</param>
    /// <param name="left">The versions that are left.</param>
    /// <param name="cancellationToken">Stops it; it is then to be done again.</param>
    internal async Task FinishAsync(ItemKey key, IReadOnlyCollection<CommandModel> left, CancellationToken cancellationToken)
    {
        await FreeCodesAsync(key, left.Select(command => command.Code), first: null, cancellationToken);
        var sks = left.Select(command => command.Sk).ToHashSet();
        var items = left.Select(ItemFormat.ToItem).ToList();
        await ForgetIdempotencyKeysAsync(key, sks.Contains, cancellationToken);
        await DeleteAsync(_tables.Session, items.Select(item => SessionKey(key, item)), cancellationToken);
        // One by one: who may write batches may also add commands, and the worker may not.
        foreach (var item in items)
        {
            await TryDeleteAsReadAsync(_tables.Command(_module), item, cancellationToken);
        }
    }

    /// <summary>
    /// Which of the items were purged lately: what a writer who has not seen that leaves then is no item. Where a command went without a purge, by
    /// somebody's hand, the others stay.
    /// </summary>
    internal Task<IReadOnlyList<ItemKey>> FindPurgedAsync(IEnumerable<ItemKey> keys, CancellationToken cancellationToken) =>
        _memory.FindAsync(keys, cancellationToken);

    // A sort key has no '@' of its own, so the prefix takes in exactly the versions of this item.
    private Task<List<Dictionary<string, AttributeValue>>> VersionsAsync(string table, ItemKey key, CancellationToken cancellationToken) =>
        ItemQuery.ReadAsync(_dynamoDb, table, key.Pk, key.Sk + Keys.VersionSeparator, cancellationToken, Needed);

    // Of all codes that the item ever had, only the one it has now can be reserved for it; the condition tells which. Whoever creates the item anew may
    // reserve the same code, in the transaction that stores its first version: so that must be the one that was read, or none.
    private async Task FreeCodesAsync(ItemKey key, IEnumerable<string> codes, Dictionary<string, AttributeValue>? first, CancellationToken cancellationToken)
    {
        var (isFirst, values) = first is null ? (null, null) : AsRead(first);
        foreach (var code in codes.Distinct().Where(Reservations.NeedsReservation))
        {
            TransactWriteItem[] writes =
            [
                new()
                {
                    ConditionCheck = new ConditionCheck
                    {
                        TableName = _tables.Command(_module),
                        Key = ItemFormat.ToKey(key.Pk, key.VersionSk(1)),
                        ConditionExpression = isFirst is null ? "attribute_not_exists(pk)" : $"attribute_not_exists(pk) OR ({isFirst})",
                        ExpressionAttributeValues = values,
                    },
                },
                new()
                {
                    Delete = new Delete
                    {
                        TableName = _tables.Unique(_module),
                        Key = Reservations.Key(key.Pk, code),
                        ConditionExpression = "id = :id",
                        ExpressionAttributeValues = new() { [":id"] = AttributeMap.Text(key.Id) },
                    },
                },
            ];
            await TransactUnlessRefusedAsync([.. writes], cancellationToken);
        }
    }

    // Refused: another item has the code now, or nobody.
    private async Task TransactUnlessRefusedAsync(List<TransactWriteItem> writes, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _dynamoDb.TransactWriteItemsAsync(new TransactWriteItemsRequest { TransactItems = writes }, cancellationToken);
                return;
            }
            catch (TransactionCanceledException cancelled) when (cancelled.CancellationReasons.Any(reason => reason.Code == "ConditionalCheckFailed"))
            {
                return;
            }
            catch (Exception contention) when (CommandWriter.IsContention(contention) && attempt < MaxAttempts)
            {
                await Task.Delay(Backoff.Delay(attempt), cancellationToken);
            }
        }
    }

    private async Task<IEnumerable<Dictionary<string, AttributeValue>>> ParkedAsync(ItemKey key, CancellationToken cancellationToken)
    {
        var parked = await ItemQuery.ReadAsync(
            _dynamoDb, _tables.Parked, _module.Name, null, cancellationToken, "pk", "sk", "commandPk", "commandSk", "command.pk", "command.sk");
        return parked.Where(item => ParkedStore.IsAbout(item, key)).Select(KeyOf);
    }

    private async Task ForgetIdempotencyKeysAsync(ItemKey key, Func<string, bool> isOfCommand, CancellationToken cancellationToken)
    {
        var used = await ItemQuery.ReadAsync(_dynamoDb, _tables.Unique(_module), key.Pk, "IDEM#", cancellationToken, "pk", "sk", "commandSk");
        await DeleteAsync(
            _tables.Unique(_module),
            used.Where(item => Keys.RemoveSortKeyVersion(item["commandSk"].S) == key.Sk && isOfCommand(item["commandSk"].S)).Select(KeyOf),
            cancellationToken);
    }

    private Dictionary<string, AttributeValue> SessionKey(ItemKey key, Dictionary<string, AttributeValue> command) => ItemFormat.ToKey(
        $"{command.GetValueOrDefault("updatedBy")?.S}{Keys.KeySeparator}{command.GetValueOrDefault("tenantCode")?.S}", $"{_module.Name}{Keys.KeySeparator}{key.Id}");

    private static Dictionary<string, AttributeValue> KeyOf(Dictionary<string, AttributeValue> item) =>
        ItemFormat.ToKey(item["pk"].S, item["sk"].S);

    // That an item is the one that was read. Somebody's hand may have taken what every item has.
    private static (string Condition, Dictionary<string, AttributeValue>? Values) AsRead(Dictionary<string, AttributeValue> item)
    {
        var values = IdentifyingNames.Where(item.ContainsKey).ToDictionary(name => $":{name}", name => item[name]);
        return (
            string.Join(" AND ", IdentifyingNames.Select(name => item.ContainsKey(name) ? $"{name} = :{name}" : $"attribute_not_exists({name})")),
            values.Count > 0 ? values : null);
    }

    // An item of the same key that was written since stays.
    private Task DeleteAsReadAsync(string table, IEnumerable<Dictionary<string, AttributeValue>> items, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        items,
        new ParallelOptions { MaxDegreeOfParallelism = DeletesAtOnce, CancellationToken = cancellationToken },
        async (item, token) => await TryDeleteAsReadAsync(table, item, token));

    private async Task<bool> TryDeleteAsReadAsync(string table, Dictionary<string, AttributeValue> item, CancellationToken cancellationToken)
    {
        var (condition, values) = AsRead(item);
        try
        {
            await _dynamoDb.DeleteItemAsync(
                new DeleteItemRequest
                {
                    TableName = table,
                    Key = KeyOf(item),
                    ConditionExpression = condition,
                    ExpressionAttributeValues = values,
                },
                cancellationToken);
            return true;
        }
        catch (ConditionalCheckFailedException)
        {
            return false;
        }
    }

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
