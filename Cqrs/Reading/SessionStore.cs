using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Microsoft.Extensions.Logging;

namespace Cqrs.Reading;

/// <summary>
/// Remembers for five minutes which versions a user has written (pk <c>{userId}#{tenantCode}</c>, sk <c>{module}#{id}</c>), so that the
/// user's own reads show them before the read models do.
/// </summary>
internal sealed partial class SessionStore(
    IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, TimeProvider time, ILogger<SessionStore> logger)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Remembers a write. The command is stored already, so a failure is logged and is no error of the request.</summary>
    public async Task RememberAsync(UserContext user, CommandModel command, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var item = Key(user, command.Key);
        item["version"] = AttributeMap.Number(command.Version);
        item["ttl"] = AttributeMap.Number((now + Lifetime).ToUnixTimeSeconds());
        try
        {
            await dynamoDb.PutItemAsync(
                new PutItemRequest
                {
                    TableName = tables.Session,
                    Item = item,
                    ConditionExpression = "attribute_not_exists(pk) OR version < :version OR #ttl <= :now",
                    ExpressionAttributeNames = new() { ["#ttl"] = "ttl" },
                    ExpressionAttributeValues = new()
                    {
                        [":version"] = item["version"],
                        [":now"] = AttributeMap.Number(now.ToUnixTimeSeconds()),
                    },
                },
                cancellationToken);
        }
        catch (ConditionalCheckFailedException)
        {
            // Another request of the user has written a later version.
        }
        catch (Exception fault)
        {
            LogNotRemembered(fault, command.Id, command.Version);
        }
    }

    /// <summary>The version of one item that the user has written lately, or null.</summary>
    public async Task<long?> GetAsync(UserContext user, ItemKey key, CancellationToken cancellationToken)
    {
        var response = await dynamoDb.GetItemAsync(
            new GetItemRequest { TableName = tables.Session, Key = Key(user, key), ConsistentRead = true }, cancellationToken);
        return response.IsItemSet && IsLive(response.Item) ? VersionOf(response.Item) : null;
    }

    /// <summary>Everything under a partition key that the user has written lately.</summary>
    public async Task<List<KeyVersion>> ListAsync(UserContext user, string pk, CancellationToken cancellationToken)
    {
        var prefix = $"{module.Name}{Keys.KeySeparator}{pk}{Keys.KeySeparator}";
        var entries = new List<KeyVersion>();
        Dictionary<string, AttributeValue>? startKey = null;
        do
        {
            var page = await dynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = tables.Session,
                    KeyConditionExpression = "pk = :pk AND begins_with(sk, :prefix)",
                    ExpressionAttributeValues = new() { [":pk"] = AttributeMap.Text(Pk(user)), [":prefix"] = AttributeMap.Text(prefix) },
                    ExclusiveStartKey = startKey,
                    ConsistentRead = true,
                },
                cancellationToken);
            entries.AddRange(page.Items
                .Where(IsLive)
                .Select(item => new KeyVersion(new ItemKey(pk, item["sk"].S[prefix.Length..]), VersionOf(item))));
            startKey = page.LastEvaluatedKey is { Count: > 0 } last ? last : null;
        }
        while (startKey is not null);

        return entries;
    }

    /// <summary>Forgets entries, unless they have become newer since. What fails is left to expire.</summary>
    public async Task ForgetAsync(UserContext user, IEnumerable<KeyVersion> entries, CancellationToken cancellationToken)
    {
        foreach (var (key, version) in entries)
        {
            try
            {
                await dynamoDb.DeleteItemAsync(
                    new DeleteItemRequest
                    {
                        TableName = tables.Session,
                        Key = Key(user, key),
                        ConditionExpression = "version = :version",
                        ExpressionAttributeValues = new() { [":version"] = AttributeMap.Number(version) },
                    },
                    cancellationToken);
            }
            catch (ConditionalCheckFailedException)
            {
                // The user has written the item again.
            }
            catch (AmazonDynamoDBException fault)
            {
                LogNotForgotten(fault, key);
            }
        }
    }

    private bool IsLive(Dictionary<string, AttributeValue> item) =>
        long.Parse(item["ttl"].N, CultureInfo.InvariantCulture) > time.GetUtcNow().ToUnixTimeSeconds();

    private static long VersionOf(Dictionary<string, AttributeValue> item) => long.Parse(item["version"].N, CultureInfo.InvariantCulture);

    private static string Pk(UserContext user) => $"{user.UserId}{Keys.KeySeparator}{user.TenantCode}";

    private Dictionary<string, AttributeValue> Key(UserContext user, ItemKey key) =>
        ItemFormat.ToKey(Pk(user), $"{module.Name}{Keys.KeySeparator}{key.Id}");

    [LoggerMessage(LogLevel.Warning, "That the user wrote {Id} version {Version} could not be remembered; reads may show it late.")]
    private partial void LogNotRemembered(Exception exception, string id, long version);

    [LoggerMessage(LogLevel.Debug, "The session entry of {Key} was not deleted; it expires by itself.")]
    private partial void LogNotForgotten(Exception exception, ItemKey key);
}
