using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace FaultTests.Support;

/// <summary>Writes to a command table what no publish would: by hand, by another program, by an enemy.</summary>
internal sealed class HostileRecords(IAmazonDynamoDB dynamoDb, string table, CommandModel like)
{
    private static readonly (string Kind, bool IsParked, Action<Dictionary<string, AttributeValue>> Spoil)[] Kinds =
    [
        ("no-name", true, item => item.Remove("name")),
        ("foreign-item", true, item =>
        {
            foreach (var name in item.Keys.Except(["pk", "sk"]).ToList())
            {
                item.Remove(name);
            }

            item["order"] = new() { N = "1" };
        }),
        ("deep", false, item => item["attributes"].M["specification"] = new() { M = new() { ["deep"] = Nested(28) } }),
        ("deep-and-wrong", true, item => (item["code"], item["deep"]) = (new() { BOOL = true }, Nested(30))),
        ("wrong-types", true, item => (item["name"], item["tenantCode"]) = (new() { B = new MemoryStream([0xff, 0xfe]) }, new() { NS = ["1", "2"] })),
        ("no-whole-number", true, item => item["seq"] = new() { N = "1.5" }),
        ("large-number", false, item => item["attributes"].M["large"] = new() { N = "1E+120" }),
        ("no-time", true, item => item["updatedAt"] = new() { S = "yesterday" }),
        ("other-id", true, item => item["id"] = new() { S = "PRODUCT#somebody#else" }),
        ("no-text-for-postgres", true, item => item["name"] = new() { S = "a\0b" }),
        ("huge", false, item => item["attributes"].M["description"] = new() { S = new string('x', 300_000) }),
        ("huge-and-wrong", true, item => (item["attributes"], item["type"]) = (new() { S = new string('x', 380_000) }, new() { NULL = true })),
    ];

    private int _written;

    /// <summary>The keys of what is to be parked.</summary>
    public HashSet<string> Parked { get; } = [];

    /// <summary>The keys of commands that can be read, whatever is in them.</summary>
    public HashSet<string> Readable { get; } = [];

    public int Written => _written;

    /// <summary>Writes one more, of another kind each time. Every second is no command at all: its sort key has no version.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var number = _written++;
        var (kind, isParked, spoil) = Kinds[number % Kinds.Length];
        var version = kind == "large-number" ? 900_000_000 : 1;
        var key = new ItemKey(like.Pk, $"{kind}-{number}");
        var item = ItemFormat.ToItem(like with { Sk = key.VersionSk(version), Id = key.Id, Code = key.Sk, Version = version, WriteId = null });
        spoil(item);
        await dynamoDb.PutItemAsync(table, item, cancellationToken);
        (isParked ? Parked : Readable).Add(key.VersionSk(version));
        item["sk"] = new() { S = number % 2 == 0 ? key.Sk : $"{key.Sk}@latest" };
        await dynamoDb.PutItemAsync(table, item, cancellationToken);
    }

    private static AttributeValue Nested(int levels) => Enumerable.Range(0, levels).Aggregate(
        new AttributeValue { S = "x" }, (inner, level) => level % 2 == 0 ? new() { L = [inner] } : new() { M = new() { ["a"] = inner } });
}
