using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace Cqrs.Projection;

/// <summary>Parked commands in the table <c>parked</c> (pk: module, sk: <c>{handler}#{id}@{version}</c>), and the mark on the command itself.</summary>
internal sealed class ParkedStore(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, TimeProvider time)
{
    /// <summary>DynamoDB has no longer sort key, and refuses to look for one.</summary>
    internal const int MaxSkBytes = 1024;

    private const int MaxItemBytes = 400_000;
    private const int MaxReason = 1000;
    private const int MaxStack = 4000;

    private static readonly string[] AllButContent =
        ["sk", "handler", "reason", "stack", "position", "attempts", "parkedAt", .. ItemFormat.AllButAttributes.Select(name => $"command.{name}")];

    /// <summary>Parks a command.</summary>
    /// <param name="handler">The handler that failed.</param>
    /// <param name="command">The command.</param>
    /// <param name="exception">What the handler said.</param>
    /// <param name="attempts">How often it was tried.</param>
    /// <param name="position">Where in the stream it stands.</param>
    /// <param name="announce">
    /// Is given the reason if the command is not parked yet, to tell of it. That comes before the command is on the list: who is killed in between
    /// tells it twice, rather than never.
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task ParkAsync(
        string handler,
        CommandModel command,
        Exception exception,
        int attempts,
        string? position,
        Func<string, Task> announce,
        CancellationToken cancellationToken)
    {
        var item = Key(handler, command);
        item["handler"] = AttributeMap.Text(handler);
        item["command"] = new AttributeValue { M = ItemFormat.ToItem(command) };
        item["reason"] = AttributeMap.Text(Cut($"{exception.GetType().Name}: {exception.Message}", MaxReason));
        item["stack"] = AttributeMap.Text(Cut(exception.StackTrace ?? "", MaxStack));
        item["attempts"] = AttributeMap.Number(attempts);
        item["parkedAt"] = AttributeMap.Text(ItemFormat.FormatTime(time.GetUtcNow()));
        if (position is not null)
        {
            item["position"] = AttributeMap.Text(position);
        }

        if (ItemSize.Of(item) > MaxItemBytes)
        {
            // Larger than any that is accepted here. A replay takes it from the command table.
            item["command"].M.Remove("attributes");
        }

        await MarkAsync(command, item["reason"].S, cancellationToken);
        if (await GetAsync(item["sk"].S, cancellationToken) is null)
        {
            await announce(item["reason"].S);
        }

        await dynamoDb.PutItemAsync(new PutItemRequest { TableName = tables.Parked, Item = item }, cancellationToken);
    }

    public async Task<List<ParkedCommand>> ListAsync(CancellationToken cancellationToken)
    {
        var items = await PurgeService.QueryAsync(dynamoDb, tables.Parked, module.Name, null, cancellationToken);
        return [.. items.Select(Read)];
    }

    /// <summary>What is parked, without the contents of the commands.</summary>
    public async Task<List<ParkedCommand>> ListWithoutContentsAsync(CancellationToken cancellationToken)
    {
        var items = await PurgeService.QueryAsync(dynamoDb, tables.Parked, module.Name, null, cancellationToken, AllButContent);
        return [.. items.Select(Read)];
    }

    /// <summary>What is parked of one item under one handler.</summary>
    public async Task<List<ParkedCommand>> ListAsync(string handler, ItemKey key, CancellationToken cancellationToken)
    {
        var items = await PurgeService.QueryAsync(dynamoDb, tables.Parked, module.Name, $"{Part(handler)}#{key.Id}{Keys.VersionSeparator}", cancellationToken, AllButContent);
        return [.. items.Select(Read)];
    }

    public async Task<ParkedCommand?> GetAsync(string sk, CancellationToken cancellationToken)
    {
        var response = await dynamoDb.GetItemAsync(
            new GetItemRequest { TableName = tables.Parked, Key = ItemFormat.ToKey(module.Name, sk), ConsistentRead = true }, cancellationToken);
        return response.IsItemSet ? Read(response.Item) : null;
    }

    /// <summary>Takes a command off the list, because its handler has it or a later version of its item.</summary>
    public async Task ResolveAsync(ParkedCommand parked, CancellationToken cancellationToken)
    {
        await dynamoDb.DeleteItemAsync(
            new DeleteItemRequest { TableName = tables.Parked, Key = Key(parked.Handler, parked.Command) }, cancellationToken);
        await MarkAsync(parked.Command, null, cancellationToken);
    }

    // The only change a command ever sees. It may have been purged since.
    private async Task MarkAsync(CommandModel command, string? reason, CancellationToken cancellationToken)
    {
        try
        {
            await dynamoDb.UpdateItemAsync(
                new UpdateItemRequest
                {
                    TableName = tables.Command(module),
                    Key = ItemFormat.ToKey(command.Pk, command.Sk),
                    ConditionExpression = "attribute_exists(pk)",
                    UpdateExpression = reason is null ? "REMOVE failedReason" : "SET failedReason = :reason",
                    ExpressionAttributeValues = reason is null ? null : new() { [":reason"] = AttributeMap.Text(reason) },
                },
                cancellationToken);
        }
        catch (ConditionalCheckFailedException)
        {
            // There is nothing to mark.
        }
        catch (AmazonDynamoDBException refused) when (refused.ErrorCode == "ValidationException")
        {
            // Larger than any that is accepted here, it has no room for a mark.
        }
    }

    private static string Part(string handler) => Keys.EscapePart(handler, Keys.KeySeparator);

    internal Dictionary<string, AttributeValue> Key(string handler, CommandModel command)
    {
        var sk = $"{Part(handler)}#{command.Id}@{command.Version}";
        // An id that somebody made up may be too long for it.
        return ItemFormat.ToKey(
            module.Name,
            Encoding.UTF8.GetByteCount(sk) <= MaxSkBytes ? sk : $"{Part(handler)}#{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(sk)))}");
    }

    private ParkedCommand Read(Dictionary<string, AttributeValue> item) => new(
        ParkedCommands.ToId(module.Name, item["sk"].S),
        module.Name,
        item["handler"].S,
        ItemFormat.ToCommand(item["command"].M),
        item["reason"].S,
        item["stack"].S,
        item.GetValueOrDefault("position")?.S,
        int.Parse(item["attempts"].N, CultureInfo.InvariantCulture),
        DateTimeOffset.Parse(item["parkedAt"].S, CultureInfo.InvariantCulture));

    private static string Cut(string text, int max)
    {
        var cut = text.Length <= max ? text : text[..max];
        // A cut may fall inside a character.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut));
    }
}
