using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Sessions;

/// <summary>
/// Stores for five minutes which versions a user has written (pk <c>{userId}#{tenantCode}</c>, sk <c>{module}#{id}</c>). So the reads of the user show these
/// versions before the read models do.
/// </summary>
internal sealed partial class SessionStore(
    IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, TimeProvider time, ILogger<SessionStore> logger)
{
    private const int MaxForgotten = 25;
    private const int ForgottenAtOnce = 4;

    /// <summary>
    /// How long an entry is kept after the data table was seen to show its write. A read that got its rows before that moment reads the entries within this
    /// time, or reads the rows again.
    /// </summary>
    public static readonly TimeSpan Outlives = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly SharedBatch _newItems = new(dynamoDb, tables.Session);
    private bool _isForgetting;

    public string Table => tables.Session;

    /// <summary>
    /// Stores an entry for the first version of an item with a generated key. No other caller knows the key yet, so there is no later entry: the put needs no
    /// condition, and may be sent at the same time as the command. If the command is not stored, reads find nothing under the entry.
    /// </summary>
    public async Task RememberNewAsync(UserContext user, CommandModel command)
    {
        try
        {
            await _newItems.PutAsync(Entry(user, command, time.GetUtcNow()));
        }
        catch (Exception fault)
        {
            LogNotRemembered(fault, command.Id, command.Version);
        }
    }

    /// <summary>Stores an entry for a write. The command is stored already, so a failure is only logged.</summary>
    public async Task RememberAsync(UserContext user, CommandModel command, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var item = Entry(user, command, now);
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

    /// <summary>Returns the key of the session entry of a user for an item.</summary>
    public Dictionary<string, AttributeValue> Key(UserContext user, ItemKey key) =>
        ItemFormat.ToKey(Pk(user), $"{module.Name}{Keys.KeySeparator}{key.Id}");

    /// <summary>Returns the version of an entry; null if there is no entry, or it has expired.</summary>
    public long? LiveVersion(Dictionary<string, AttributeValue>? entry) => entry is { Count: > 0 } && IsLive(entry) ? VersionOf(entry) : null;

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

    /// <summary>
    /// Deletes some of the entries whose versions the data table shows, unless the user has written a newer version since. It runs beside the request that found
    /// them. The next request deletes more, and the rest expires.
    /// </summary>
    public void ForgetSome(UserContext user, IEnumerable<KeyVersion> entries, DataService data)
    {
        var some = entries.Take(MaxForgotten).ToList();
        if (some.Count == 0 || Interlocked.Exchange(ref _isForgetting, true))
        {
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => ForgetAsync(user, some, data));
        }
    }

    private async Task ForgetAsync(UserContext user, List<KeyVersion> entries, DataService data)
    {
        try
        {
            var applied = await data.GetVersionsAsync(entries.Select(entry => entry.Key));
            await Task.Delay(Outlives, time);
            await Parallel.ForEachAsync(
                entries.Where(entry => applied.GetValueOrDefault(entry.Key) >= entry.Version),
                new ParallelOptions { MaxDegreeOfParallelism = ForgottenAtOnce },
                async (entry, token) => await ForgetAsync(user, entry, token));
        }
        catch (Exception fault)
        {
            LogNotForgotten(fault, entries.Count);
        }
        finally
        {
            Volatile.Write(ref _isForgetting, false);
        }
    }

    private async Task ForgetAsync(UserContext user, KeyVersion entry, CancellationToken cancellationToken)
    {
        try
        {
            await dynamoDb.DeleteItemAsync(
                new DeleteItemRequest
                {
                    TableName = tables.Session,
                    Key = Key(user, entry.Key),
                    ConditionExpression = "version = :version",
                    ExpressionAttributeValues = new() { [":version"] = AttributeMap.Number(entry.Version) },
                },
                cancellationToken);
        }
        catch (ConditionalCheckFailedException)
        {
            // The user has written the item again.
        }
    }

    private bool IsLive(Dictionary<string, AttributeValue> item) =>
        long.Parse(item["ttl"].N, CultureInfo.InvariantCulture) > time.GetUtcNow().ToUnixTimeSeconds();

    private static long VersionOf(Dictionary<string, AttributeValue> item) => long.Parse(item["version"].N, CultureInfo.InvariantCulture);

    private static string Pk(UserContext user) => $"{user.UserId}{Keys.KeySeparator}{user.TenantCode}";

    private Dictionary<string, AttributeValue> Entry(UserContext user, CommandModel command, DateTimeOffset now)
    {
        var entry = Key(user, command.Key);
        entry["version"] = AttributeMap.Number(command.Version);
        entry["ttl"] = AttributeMap.Number((now + Lifetime).ToUnixTimeSeconds());
        return entry;
    }

    [LoggerMessage(LogLevel.Warning, "That the user wrote {Id} version {Version} could not be remembered; reads may show it late.")]
    private partial void LogNotRemembered(Exception exception, string id, long version);

    [LoggerMessage(LogLevel.Debug, "Of {Count} session entries not all were deleted; they expire by themselves.")]
    private partial void LogNotForgotten(Exception exception, int count);
}
