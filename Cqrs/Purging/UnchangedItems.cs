using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace Cqrs.Purging;

/// <summary>
/// Deletes items only as they were read. A purge may hang until another one has purged the item and somebody has created it anew: the new item stays.
/// </summary>
internal sealed class UnchangedItems(IAmazonDynamoDB dynamoDb)
{
    private const int DeletesAtOnce = 16;

    /// <summary>The attributes that tell one write of an item from another.</summary>
    public static readonly string[] IdentifyingNames = ["updatedAt", "requestId"];

    public static Dictionary<string, AttributeValue> KeyOf(Dictionary<string, AttributeValue> item) =>
        ItemFormat.ToKey(item["pk"].S, item["sk"].S);

    /// <summary>Returns the condition that an item is the one that was read. Another program may have removed an attribute that every item has.</summary>
    public static (string Condition, Dictionary<string, AttributeValue>? Values) Condition(Dictionary<string, AttributeValue> item)
    {
        var values = IdentifyingNames.Where(item.ContainsKey).ToDictionary(name => $":{name}", name => item[name]);
        return (
            string.Join(" AND ", IdentifyingNames.Select(name => item.ContainsKey(name) ? $"{name} = :{name}" : $"attribute_not_exists({name})")),
            values.Count > 0 ? values : null);
    }

    /// <summary>Deletes items. An item of the same key that was written since stays.</summary>
    public Task DeleteAsync(string table, IEnumerable<Dictionary<string, AttributeValue>> items, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        items,
        new ParallelOptions { MaxDegreeOfParallelism = DeletesAtOnce, CancellationToken = cancellationToken },
        async (item, token) => await TryDeleteAsync(table, item, token));

    /// <summary>Deletes an item, and returns whether it was still the one that was read.</summary>
    public async Task<bool> TryDeleteAsync(string table, Dictionary<string, AttributeValue> item, CancellationToken cancellationToken)
    {
        var (condition, values) = Condition(item);
        try
        {
            await dynamoDb.DeleteItemAsync(
                new DeleteItemRequest
                {
                    TableName = table,
                    Key = KeyOf(item),
                    ConditionExpression = condition,
                    ExpressionAttributeValues = values,
                },
                cancellationToken);
            return true;
        }
        catch (ConditionalCheckFailedException)
        {
            return false;
        }
    }
}
