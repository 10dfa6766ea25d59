using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.Publishing;

/// <summary>
/// Stores for 24 hours which command belongs to an idempotency key of a caller: <c>IDEM#{userId}#{key}</c>. The transaction that stores the command writes
/// it, so both exist or neither does.
/// </summary>
internal sealed class IdempotencyKeys(
    IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, CommandStore commands, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    public static TransactWriteItem Reserve(string table, CommandModel command, Idempotency idempotency, DateTimeOffset now)
    {
        var item = Key(command.Pk, command.UpdatedBy, idempotency);
        item["bodyHash"] = AttributeMap.Text(idempotency.BodyHash);
        item["commandSk"] = AttributeMap.Text(command.Sk);
        item["ttl"] = AttributeMap.Number((now + Lifetime).ToUnixTimeSeconds());
        return new TransactWriteItem
        {
            Put = new Put
            {
                TableName = table,
                Item = item,
                ConditionExpression = "attribute_not_exists(pk) OR #ttl <= :now",
                ExpressionAttributeNames = new() { ["#ttl"] = "ttl" },
                ExpressionAttributeValues = new() { [":now"] = AttributeMap.Number(now.ToUnixTimeSeconds()) },
            },
        };
    }

    /// <summary>Returns the first answer to a request that is repeated, or null if its key was not used yet.</summary>
    public async Task<PublishResult?> FindFirstAnswerAsync(string pk, CommandOptions options, CancellationToken cancellationToken)
    {
        if (options.Idempotency is not { } idempotency)
        {
            return null;
        }

        var response = await dynamoDb.GetItemAsync(
            new GetItemRequest
            {
                TableName = tables.Unique(module),
                Key = Key(pk, options.InvokeContext.User.UserId, idempotency),
                ConsistentRead = true,
            },
            cancellationToken);
        if (!response.IsItemSet || long.Parse(response.Item["ttl"].N) <= time.GetUtcNow().ToUnixTimeSeconds())
        {
            return null;
        }

        if (response.Item["bodyHash"].S != idempotency.BodyHash)
        {
            return new PublishResult.IdempotencyMismatch();
        }

        var sk = response.Item["commandSk"].S;
        var key = new ItemKey(pk, Keys.RemoveSortKeyVersion(sk));
        return await commands.GetAsync(key, Keys.GetSortKeyVersion(sk)!.Value, cancellationToken) is { } command
            ? new PublishResult.Accepted(command)
            : null;
    }

    internal static Dictionary<string, AttributeValue> Key(string pk, string userId, Idempotency idempotency) =>
        ItemFormat.ToKey(pk, $"IDEM#{Keys.EscapePart(userId, Keys.KeySeparator)}#{idempotency.Key}");
}
