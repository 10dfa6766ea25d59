using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.CommandLog;

/// <summary>
/// Remembers for a day which items were purged: <c>PURGED#{hash of the id}</c> in the table of what is unique. Whoever was at work on such an item may
/// leave a command or a data row after that.
/// </summary>
internal sealed class PurgeMemory(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module)
{
    // As long as a stream keeps what a late writer has left.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    // The key of the item is not kept: it may be somebody's name.
    public static Dictionary<string, AttributeValue> Key(ItemKey key) =>
        ItemFormat.ToKey($"PURGED#{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key.Id)))}", "PURGED");

    public async Task RememberAsync(ItemKey key, CancellationToken cancellationToken)
    {
        var item = Key(key);
        item["ttl"] = AttributeMap.Number((DateTimeOffset.UtcNow + Lifetime).ToUnixTimeSeconds());
        await dynamoDb.PutItemAsync(tables.Unique(module), item, cancellationToken);
    }

    /// <summary>Which of the items were purged lately.</summary>
    public async Task<IReadOnlyList<ItemKey>> FindAsync(IEnumerable<ItemKey> keys, CancellationToken cancellationToken)
    {
        var byMemory = keys.Distinct().ToDictionary(key => Key(key)["pk"].S);
        var found = await BatchReader.ReadAsync(dynamoDb, tables.Unique(module), byMemory.Values.Select(Key), cancellationToken);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return [.. found.Where(item => long.Parse(item["ttl"].N, CultureInfo.InvariantCulture) > now).Select(item => byMemory[item["pk"].S])];
    }
}
