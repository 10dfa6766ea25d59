using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.Projection;

/// <summary>Parked commands in the table <c>parked</c> (pk: module, sk: <c>{handler}#{id}@{version}</c>), and records that cannot be read; and the mark on the command itself.</summary>
internal sealed class ParkedStore(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, TimeProvider time)
{
    /// <summary>DynamoDB has no longer sort key, and refuses to look for one.</summary>
    internal const int MaxSkBytes = 1024;

    private const int MaxReason = 1000;
    private const int MaxStack = 4000;

    private static readonly string[] AllButContent =
        ["sk", "handler", "commandPk", "commandSk", "reason", "stack", "position", "attempts", "parkedAt", .. ItemFormat.AllButAttributes.Select(name => $"command.{name}")];

    /// <summary>Parks a command.</summary>
    /// <param name="handler">The handler that failed.</param>
    /// <param name="command">The command.</param>
    /// <param name="exception">The exception of the handler.</param>
    /// <param name="attempts">How often it was tried.</param>
    /// <param name="position">Where in the stream it stands.</param>
    /// <param name="announce">
    /// Is called with the reason if the command is not parked yet, to announce it. The call comes before the write: a worker that is killed between them
    /// announces it twice rather than never.
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task ParkAsync(
        string handler,
        CommandModel command,
        Exception exception,
        int attempts,
        string? position,
        Func<string, Task> announce,
        CancellationToken cancellationToken)
    {
        exception = JudgedFault.Unwrap(exception);
        var item = Key(handler, command);
        item["handler"] = AttributeMap.Text(handler);
        item["commandPk"] = AttributeMap.Text(command.Pk);
        item["commandSk"] = AttributeMap.Text(command.Sk);
        item["command"] = new AttributeValue { M = ItemFormat.ToItem(command) };
        item["reason"] = AttributeMap.Text(ParkedFormat.Cut($"{exception.GetType().Name}: {exception.Message}", MaxReason));
        item["stack"] = AttributeMap.Text(ParkedFormat.Cut(exception.StackTrace ?? "", MaxStack));
        return ParkAsync(item, attempts, position, () => announce(item["reason"].S), cancellationToken);
    }

    /// <summary>Parks a record that cannot be read. As to <paramref name="announce"/>, see above.</summary>
    public Task ParkAsync(UnreadableRecord record, string? position, Func<Task> announce, CancellationToken cancellationToken)
    {
        var name = record is { Pk: { } pk, Sk: { } sk } ? $"{pk}#{sk}" : position ?? record.Place;
        var item = ItemFormat.ToKey(module.Name, ParkedFormat.SkOf(RecordParking.Target, name));
        item["handler"] = AttributeMap.Text(RecordParking.Target);
        item["reason"] = AttributeMap.Text(ParkedFormat.Cut(record.Reason, MaxReason));
        item["stack"] = AttributeMap.Text("");
        if (record.Pk is not null)
        {
            item["commandPk"] = AttributeMap.Text(record.Pk);
        }

        if (record.Sk is not null)
        {
            item["commandSk"] = AttributeMap.Text(record.Sk);
        }

        return ParkAsync(item, attempts: 1, position, announce, cancellationToken);
    }

    private async Task ParkAsync(
        Dictionary<string, AttributeValue> item, int attempts, string? position, Func<Task> announce, CancellationToken cancellationToken)
    {
        item["attempts"] = AttributeMap.Number(attempts);
        item["parkedAt"] = AttributeMap.Text(ItemFormat.FormatTime(time.GetUtcNow()));
        if (position is not null)
        {
            item["position"] = AttributeMap.Text(position);
        }

        var parked = ParkedFormat.Read(module, item);
        await MarkAsync(parked, parked.Reason, cancellationToken);
        if (await GetAsync(item["sk"].S, cancellationToken) is null)
        {
            await announce();
        }

        await PutAsync(item, cancellationToken);
    }

    // A command that is larger or deeper than the API accepts does not fit. It is parked without its content; a replay takes it from the command table.
    private async Task PutAsync(Dictionary<string, AttributeValue> item, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await dynamoDb.PutItemAsync(new PutItemRequest { TableName = tables.Parked, Item = item }, cancellationToken);
                return;
            }
            catch (AmazonDynamoDBException refused)
                when (refused.ErrorCode == "ValidationException" && (item.GetValueOrDefault("command")?.M.Remove("attributes") == true || item.Remove("command")))
            {
                // The next attempt stores less.
            }
        }
    }

    /// <summary>Lists what is parked, without the contents of the commands.</summary>
    public async Task<List<ParkedCommand>> ListWithoutContentsAsync(CancellationToken cancellationToken)
    {
        var items = await ItemQuery.ReadAsync(dynamoDb, tables.Parked, module.Name, null, cancellationToken, AllButContent);
        return [.. items.Select(item => ParkedFormat.Read(module, item))];
    }

    /// <summary>Lists the parked versions of one item under one handler.</summary>
    public async Task<List<ParkedCommand>> ListAsync(string handler, ItemKey key, CancellationToken cancellationToken)
    {
        var items = await ItemQuery.ReadAsync(dynamoDb, tables.Parked, module.Name, $"{ParkedFormat.Part(handler)}#{key.Id}{Keys.VersionSeparator}", cancellationToken, AllButContent);
        return [.. items.Select(item => ParkedFormat.Read(module, item))];
    }

    public async Task<ParkedCommand?> GetAsync(string sk, CancellationToken cancellationToken)
    {
        var response = await dynamoDb.GetItemAsync(
            new GetItemRequest { TableName = tables.Parked, Key = ItemFormat.ToKey(module.Name, sk), ConsistentRead = true }, cancellationToken);
        return response.IsItemSet ? ParkedFormat.Read(module, response.Item) : null;
    }

    /// <summary>Takes a command off the list, because its handler has it or a later version of its item.</summary>
    public async Task ResolveAsync(ParkedCommand parked, CancellationToken cancellationToken)
    {
        await dynamoDb.DeleteItemAsync(
            new DeleteItemRequest { TableName = tables.Parked, Key = ItemFormat.ToKey(module.Name, ParkedId.Read(parked.Id)!.Value.Sk) },
            cancellationToken);
        await MarkAsync(parked, null, cancellationToken);
    }

    /// <summary>Returns whether an item of the table is about one of the versions of an item.</summary>
    public static bool IsAbout(Dictionary<string, AttributeValue> parked, ItemKey key) =>
        ParkedFormat.Text(parked, "Pk") == key.Pk && ParkedFormat.Text(parked, "Sk") is { } sk && Keys.RemoveSortKeyVersion(sk) == key.Sk;

    // A command is never changed in another way. It may have been purged since.
    private async Task MarkAsync(ParkedCommand parked, string? reason, CancellationToken cancellationToken)
    {
        if (parked is not { Pk: { } pk, Sk: { } sk })
        {
            return;
        }

        try
        {
            await dynamoDb.UpdateItemAsync(
                new UpdateItemRequest
                {
                    TableName = tables.Command(module),
                    Key = ItemFormat.ToKey(pk, sk),
                    ConditionExpression = "attribute_exists(pk)",
                    UpdateExpression = reason is null ? "REMOVE failedReason" : "SET failedReason = :reason",
                    ExpressionAttributeValues = reason is null ? null : new() { [":reason"] = AttributeMap.Text(reason) },
                },
                cancellationToken);
        }
        catch (ConditionalCheckFailedException)
        {
            // The command does not exist any more.
        }
        catch (AmazonDynamoDBException refused) when (refused.ErrorCode == "ValidationException")
        {
            // A command that is larger than the API accepts has no room for the mark. Or the key is not valid for the table.
        }
    }

    internal Dictionary<string, AttributeValue> Key(string handler, CommandModel command) =>
        ItemFormat.ToKey(module.Name, ParkedFormat.SkOf(handler, $"{command.Pk}#{command.Sk}"));
}
