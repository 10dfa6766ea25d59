using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.CommandLog;

/// <summary>
/// Keeps a tombstone of each purged item for a day: <c>PURGED#{hash of the id}</c> in the table <c>unique</c>. A writer or a worker that read the item
/// before the purge may still write a command or a data row after it. The tombstone tells such leftovers from a new item.
/// </summary>
internal sealed class Tombstones(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module)
{
    // A stream keeps its records for a day. A leftover is found within that time.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    // The tombstone has a hash instead of the key, because a key may be the name of a person.
    public static Dictionary<string, AttributeValue> Key(ItemKey key) =>
        ItemFormat.ToKey($"PURGED#{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key.Id)))}", "PURGED");

    public async Task WriteAsync(ItemKey key, CancellationToken cancellationToken)
    {
        var item = Key(key);
        item["ttl"] = AttributeMap.Number((DateTimeOffset.UtcNow + Lifetime).ToUnixTimeSeconds());
        await dynamoDb.PutItemAsync(tables.Unique(module), item, cancellationToken);
    }

    /// <summary>Returns those of the items that have a tombstone.</summary>
    public async Task<IReadOnlyList<ItemKey>> FindAsync(IEnumerable<ItemKey> keys, CancellationToken cancellationToken)
    {
        var byTombstone = keys.Distinct().ToDictionary(key => Key(key)["pk"].S);
        var found = await BatchReader.ReadAsync(dynamoDb, tables.Unique(module), byTombstone.Values.Select(Key), cancellationToken);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return [.. found.Where(item => long.Parse(item["ttl"].N, CultureInfo.InvariantCulture) > now).Select(item => byTombstone[item["pk"].S])];
    }
}
