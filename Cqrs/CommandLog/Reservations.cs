using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.CommandLog;

/// <summary>
/// A code is unique per tenant from the moment it is published: it is reserved under <c>CODE#{code}</c> in the transaction that stores
/// the command, and freed in the one that changes it. A soft delete keeps it.
/// </summary>
internal sealed class Reservations(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module)
{
    /// <summary>Returns the items that hold codes; a code of the form of a ULID is only ever the item's own sort key.</summary>
    public async Task<IReadOnlyDictionary<string, ItemKey>> FindAsync(
        string pk, IReadOnlyCollection<string> codes, CancellationToken cancellationToken)
    {
        var items = await BatchReader.ReadAsync(
            dynamoDb, tables.Unique(module), codes.Where(NeedsReservation).Select(code => Key(pk, code)), cancellationToken);
        return items
            .Select(item => (Code: item["sk"].S[CodePrefix.Length..], Key: new ItemKey(pk, item["id"].S[(pk.Length + 1)..])))
            .Concat(codes.Where(code => !NeedsReservation(code)).Select(code => (Code: code, Key: new ItemKey(pk, code))))
            .ToDictionary(held => held.Code, held => held.Key);
    }

    /// <summary>Makes the writes that go with <paramref name="command"/>; none if its code is not new.</summary>
    public static IEnumerable<TransactWriteItem> For(string table, CommandModel command, ItemModel? previous)
    {
        if (previous?.Code == command.Code)
        {
            yield break;
        }

        if (NeedsReservation(command.Code))
        {
            yield return new TransactWriteItem { Put = Reserve(table, command) };
        }

        if (previous is not null && NeedsReservation(previous.Code))
        {
            yield return new TransactWriteItem { Delete = Free(table, previous) };
        }
    }

    /// <summary>Returns the key of the reservation of a code.</summary>
    public static Dictionary<string, AttributeValue> Key(string pk, string code) => ItemFormat.ToKey(pk, CodePrefix + code);

    /// <summary>
    /// Returns whether a code needs a reservation. A code in the form of a ULID is always the sort key of its own item, so it is unique without one.
    /// </summary>
    public static bool NeedsReservation(string code) => !Keys.IsUlid(code);

    private static Put Reserve(string table, CommandModel command)
    {
        var item = Key(command.Pk, command.Code);
        item["id"] = AttributeMap.Text(command.Id);
        return new Put
        {
            TableName = table,
            Item = item,
            ConditionExpression = IsFreeOrOwn,
            ExpressionAttributeValues = new() { [":id"] = AttributeMap.Text(command.Id) },
        };
    }

    private static Delete Free(string table, ItemModel owner) => new()
    {
        TableName = table,
        Key = Key(owner.Pk, owner.Code),
        ConditionExpression = IsFreeOrOwn,
        ExpressionAttributeValues = new() { [":id"] = AttributeMap.Text(owner.Id) },
    };

    private const string CodePrefix = "CODE#";

    private const string IsFreeOrOwn = "attribute_not_exists(pk) OR id = :id";
}
