using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace Cqrs.Items;

/// <summary>Strongly consistent reads of the items under one partition key.</summary>
internal static class ItemQuery
{
    /// <summary>Returns all items under a partition key, or those whose sort key begins with a prefix: whole, or some of their attributes.</summary>
    public static async Task<List<Dictionary<string, AttributeValue>>> ReadAsync(
        IAmazonDynamoDB dynamoDb, string table, string pk, string? skPrefix, CancellationToken cancellationToken, params IReadOnlyList<string> only)
    {
        var items = new List<Dictionary<string, AttributeValue>>();
        Dictionary<string, AttributeValue>? startKey = null;
        do
        {
            var page = await dynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = table,
                    KeyConditionExpression = skPrefix is null ? "pk = :pk" : "pk = :pk AND begins_with(sk, :prefix)",
                    ExpressionAttributeValues = skPrefix is null
                        ? new() { [":pk"] = AttributeMap.Text(pk) }
                        : new() { [":pk"] = AttributeMap.Text(pk), [":prefix"] = AttributeMap.Text(skPrefix) },
                    ExclusiveStartKey = startKey,
                    ConsistentRead = true,
                    ProjectionExpression = only.Count == 0 ? null : string.Join(", ", only.Select(name => $"#{name.Replace(".", ".#", StringComparison.Ordinal)}")),
                    ExpressionAttributeNames = only.Count == 0 ? null : only.SelectMany(name => name.Split('.')).Distinct().ToDictionary(name => $"#{name}"),
                },
                cancellationToken);
            items.AddRange(page.Items);
            startKey = page.LastEvaluatedKey is { Count: > 0 } last ? last : null;
        }
        while (startKey is not null);

        return items;
    }
}
