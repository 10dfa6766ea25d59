using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Purging;

/// <summary>
/// Follows a purge in the read models. When commands have left the command table, it deletes the states that only those commands had made, also the
/// states that late records have brought back. If the item was recreated, the states of the new item stay. The README of this folder shows the races.
/// </summary>
internal sealed class PurgeFollower(
    IAmazonDynamoDB dynamoDb,
    TableNames tables,
    CqrsModule module,
    PurgeService purge,
    Projector projector,
    ParkedStore parked,
    Attempts attempts,
    ILogger<PurgeFollower> logger)
{
    /// <summary>Returns the items whose newest command of the batch is not in the command table any more. Another command may be in its place.</summary>
    public async Task<List<ItemKey>> FindRemovedAsync(IReadOnlyList<CommandModel> batch, CancellationToken cancellationToken)
    {
        var newest = batch.GroupBy(command => command.Key).Select(group => group.MaxBy(command => command.Version)!).ToList();
        var stored = await BatchReader.ReadAsync(
            dynamoDb,
            tables.Command(module),
            newest.Select(c => ItemFormat.ToKey(c.Pk, c.Sk)),
            cancellationToken,
            "pk, sk, requestId, updatedAt");
        var present = stored.Select(item => (item["pk"].S, item["sk"].S, item.GetValueOrDefault("requestId")?.S ?? "", item.GetValueOrDefault("updatedAt")?.S)).ToHashSet();
        return [.. newest
            .Where(c => !present.Contains((c.Pk, c.Sk, c.RequestId, ItemFormat.FormatTime(c.UpdatedAt))))
            .Select(command => command.Key)];
    }

    /// <summary>Returns the orphans that a writer has left who had not seen the purge. An orphan is an item without a first version.</summary>
    public Task<IReadOnlyList<ItemKey>> FindTombstonesAsync(IEnumerable<ItemKey> orphans, CancellationToken cancellationToken) =>
        purge.FindTombstonesAsync(orphans, cancellationToken);

    /// <summary>Deletes the states of an item, in all read models, that none of its commands has made.</summary>
    public async Task FollowAsync(ItemKey key, CancellationToken cancellationToken)
    {
        // The states are read before the commands. So the command that made a state is among the commands, unless it was purged.
        var history = await ItemQuery.ReadAsync(
            dynamoDb, tables.History(module), key.Pk, key.Sk + Keys.VersionSeparator, cancellationToken, ItemFormat.AllButAttributes);
        var data = await GetAsync(tables.Data(module), ItemFormat.ToKey(key.Pk, key.Sk), cancellationToken);
        var commands = await ReadCommandsAsync(key, cancellationToken);
        while (commands.Count > 0 && !commands.ContainsKey(1) && await IsLeftOverAsync(key, cancellationToken))
        {
            await purge.FinishAsync(key, commands.Values, cancellationToken);
            commands = await ReadCommandsAsync(key, cancellationToken);
        }

        var newest = commands.Count == 0 ? 0 : commands.Keys.Max();
        // A late version of the purged item may have moved the first version of the new item into history.
        foreach (var state in ReadableItems.Read(history, ItemFormat.ToData, logger)
            .Where(state => state.Key == key && !(state.Version < newest && IsMadeByOneOf(commands, state))))
        {
            await DeleteAsync(tables.History(module), state, cancellationToken);
        }

        foreach (var state in ReadableItems.Read(data, ItemFormat.ToData, logger).Where(state => !IsMadeByOneOf(commands, state)))
        {
            await DeleteAsync(tables.Data(module), state, cancellationToken);
        }

        await ForgetParkedAsync(key, commands, cancellationToken);
        foreach (var handler in projector.Handlers)
        {
            await TakeDownAsync(handler, key, newest, cancellationToken);
        }

        // The commands were read without their contents. The newest may be purged by now; that purge is followed by itself.
        var stored = newest > 0 ? await GetAsync(tables.Command(module), ItemFormat.ToKey(key.Pk, key.VersionSk(newest)), cancellationToken) : [];
        foreach (var command in ReadableItems.Read(stored, ItemFormat.ToCommand, logger))
        {
            // A target may have the same version number of the purged item. It is overwritten.
            await projector.ProjectAsync([command], cancellationToken);
            foreach (var (handler, _) in await projector.Targets.ResyncAsync([command.ToData()], cancellationToken))
            {
                // The target refuses the new item. Its row may be that of the purged item.
                await TakeDownAsync(handler, key, 0, cancellationToken);
            }
        }
    }

    // A writer that read the item before the purge and wrote after it leaves versions without a first version. The first version is read by its key:
    // a query may have passed its place before it was written. History proves nothing, because late records may have brought it back.
    private async Task<bool> IsLeftOverAsync(ItemKey key, CancellationToken cancellationToken) =>
        await purge.FindTombstonesAsync([key], cancellationToken) is [_]
        && (await GetAsync(tables.Command(module), ItemFormat.ToKey(key.Pk, key.VersionSk(1)), cancellationToken)).Count == 0;

    private Task TakeDownAsync(IDataSyncHandler handler, ItemKey key, long above, CancellationToken cancellationToken) => attempts.TakeDownOrGoOnAsync(
        handler.Name,
        key,
        async isLast =>
        {
            var applied = await handler.GetAppliedVersionsAsync([key], cancellationToken);
            if (applied.TryGetValue(key, out var version) && version > above)
            {
                await projector.Targets.TakeDownAsync(handler, [new KeyVersion(key, version)], isLast, cancellationToken);
            }
        },
        cancellationToken);

    // A handler may have refused a command while its item was purged. The command is parked after the purge then.
    private async Task ForgetParkedAsync(ItemKey key, Dictionary<long, CommandModel> commands, CancellationToken cancellationToken)
    {
        foreach (var target in projector.Handlers.Select(handler => handler.Name).Append(Projector.DataTarget).Append(RecordParking.Target))
        {
            foreach (var entry in await parked.ListAsync(target, key, cancellationToken))
            {
                if (!(entry.Command is { } command ? IsMadeByOneOf(commands, command) : await IsThereAsync(entry, cancellationToken)))
                {
                    await parked.ResolveAsync(entry, cancellationToken);
                }
            }
        }
    }

    private async Task<bool> IsThereAsync(ParkedCommand entry, CancellationToken cancellationToken) =>
        entry is { Pk: { } pk, Sk: { } sk } && await GetAsync(tables.Command(module), ItemFormat.ToKey(pk, sk), cancellationToken) is [_];

    // Another program may have written a sort key with a second '@'. Such a command belongs to another item.
    private async Task<Dictionary<long, CommandModel>> ReadCommandsAsync(ItemKey key, CancellationToken cancellationToken)
    {
        var items = await ItemQuery.ReadAsync(dynamoDb, tables.Command(module), key.Pk, key.Sk + Keys.VersionSeparator, cancellationToken, ItemFormat.AllButAttributes);
        return ReadableItems.Read(items, ItemFormat.ToCommand, logger).Where(command => command.Key == key).ToDictionary(command => command.Version);
    }

    private Task<List<Dictionary<string, AttributeValue>>> GetAsync(
        string table, Dictionary<string, AttributeValue> key, CancellationToken cancellationToken) =>
        BatchReader.ReadAsync(dynamoDb, table, [key], cancellationToken);

    private static bool IsMadeByOneOf(Dictionary<long, CommandModel> commands, ItemModel state) =>
        commands.TryGetValue(state.Version, out var command)
        && command.UpdatedAt == state.UpdatedAt
        && command.RequestId == state.RequestId;

    private async Task DeleteAsync(string table, DataModel state, CancellationToken cancellationToken)
    {
        try
        {
            await dynamoDb.DeleteItemAsync(
                new DeleteItemRequest
                {
                    TableName = table,
                    Key = ItemFormat.ToKey(state.Pk, state.Sk),
                    ConditionExpression = "updatedAt = :at AND requestId = :request",
                    ExpressionAttributeValues = new()
                    {
                        [":at"] = AttributeMap.Text(ItemFormat.FormatTime(state.UpdatedAt)),
                        [":request"] = AttributeMap.Text(state.RequestId),
                    },
                },
                cancellationToken);
        }
        catch (ConditionalCheckFailedException)
        {
            // The state has changed since it was read. It is not the purged one any more.
        }
    }
}
