using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Sessions;

/// <summary>
/// Remembers for five minutes which versions a user has written (pk <c>{userId}#{tenantCode}</c>, sk <c>{module}#{id}</c>), so that the
/// user's own reads show them before the read models do.
/// </summary>
internal sealed partial class SessionStore(
    IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, TimeProvider time, ILogger<SessionStore> logger)
{
    private const int MaxForgotten = 25;
    private const int ForgottenAtOnce = 4;

    /// <summary>
    /// How long an entry outlives the moment when it was seen to be shown: a read that has its rows from before that moment has its entries within
    /// this time, or reads its rows again.
    /// </summary>
    public static readonly TimeSpan Outlives = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly SharedBatch _newItems = new(dynamoDb, tables.Session);
    private bool _isForgetting;

    public string Table => tables.Session;

    /// <summary>
    /// Remembers the first version of an item whose key nobody else can know yet, so that no later version can have been remembered: that
    /// needs no condition, and may be written beside the command. Of a command that is not stored in the end, reads find nothing.
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

    /// <summary>Remembers a write. The command is stored already, so a failure is logged and is no error of the request.</summary>
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

    /// <summary>The key under which the session table remembers what a user has written of an item.</summary>
    public Dictionary<string, AttributeValue> Key(UserContext user, ItemKey key) =>
        ItemFormat.ToKey(Pk(user), $"{module.Name}{Keys.KeySeparator}{key.Id}");

    /// <summary>The version that an entry remembers; null if there is none, or it has expired.</summary>
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
    /// Forgets entries that the data table shows too, unless they have become newer since: some of them, beside the request that found them.
    /// The next one forgets more, and what is left expires.
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
