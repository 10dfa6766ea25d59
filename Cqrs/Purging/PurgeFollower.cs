using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Purging;

/// <summary>
/// Follows a purge: when commands have left the command table, takes out of the read models what only they had put there, late records
/// included. If the item has been created anew since, what remains is the new one.
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
    /// <summary>Of which items the newest of these commands is no more; another may be in its place.</summary>
    public async Task<List<ItemKey>> FindPurgedAsync(IReadOnlyList<CommandModel> batch, CancellationToken cancellationToken)
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

    /// <summary>Of which items that have no first version what there is was left by a writer who had not seen their purge.</summary>
    public Task<IReadOnlyList<ItemKey>> FindPurgedAsync(IEnumerable<ItemKey> orphans, CancellationToken cancellationToken) =>
        purge.FindPurgedAsync(orphans, cancellationToken);

    /// <summary>Takes out of the read models what no command of the item is the maker of, any more.</summary>
    public async Task FollowAsync(ItemKey key, CancellationToken cancellationToken)
    {
        // Read before the commands: whatever made what is seen here is among those then.
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
        // A late version of what was purged may have found the new item's first one below it, and put that into history.
        foreach (var state in Readable.Read(history, ItemFormat.ToData, logger)
            .Where(state => state.Key == key && !(state.Version < newest && IsMadeByOneOf(commands, state))))
        {
            await DeleteAsync(tables.History(module), state, cancellationToken);
        }

        foreach (var state in Readable.Read(data, ItemFormat.ToData, logger).Where(state => !IsMadeByOneOf(commands, state)))
        {
            await DeleteAsync(tables.Data(module), state, cancellationToken);
        }

        await ForgetParkedAsync(key, commands, cancellationToken);
        foreach (var handler in projector.Handlers)
        {
            await TakeDownAsync(handler, key, newest, cancellationToken);
        }

        // It was read without its content. It may be purged by now: then that purge is followed too.
        var stored = newest > 0 ? await GetAsync(tables.Command(module), ItemFormat.ToKey(key.Pk, key.VersionSk(newest)), cancellationToken) : [];
        foreach (var command in Readable.Read(stored, ItemFormat.ToCommand, logger))
        {
            // A target may have the version of the purged item under the same number: write over it.
            await projector.ProjectAsync([command], cancellationToken);
            foreach (var (handler, _) in await projector.Targets.ResyncAsync([command.ToData()], cancellationToken))
            {
                // It refuses the new item; what it has may be the purged one.
                await TakeDownAsync(handler, key, 0, cancellationToken);
            }
        }
    }

    // A writer that read the item before the purge and wrote after it has left versions without a first one. That is looked for by itself, because a
    // query may have passed where it is before it was written. History says nothing: late records may have brought it back.
    private async Task<bool> IsLeftOverAsync(ItemKey key, CancellationToken cancellationToken) =>
        await purge.FindPurgedAsync([key], cancellationToken) is [_]
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

    // A command that was refused while it was purged may have been parked after that.
    private async Task ForgetParkedAsync(ItemKey key, Dictionary<long, CommandModel> commands, CancellationToken cancellationToken)
    {
        foreach (var target in projector.Handlers.Select(handler => handler.Name).Append(Projector.DataTarget).Append(SettingAside.Target))
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

    // A key that somebody made up may have an '@' of its own: then it is another item's.
    private async Task<Dictionary<long, CommandModel>> ReadCommandsAsync(ItemKey key, CancellationToken cancellationToken)
    {
        var items = await ItemQuery.ReadAsync(dynamoDb, tables.Command(module), key.Pk, key.Sk + Keys.VersionSeparator, cancellationToken, ItemFormat.AllButAttributes);
        return Readable.Read(items, ItemFormat.ToCommand, logger).Where(command => command.Key == key).ToDictionary(command => command.Version);
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
            // It has changed since: that is no longer what was purged.
        }
    }
}
