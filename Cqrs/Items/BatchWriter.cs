using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace Cqrs.Items;

/// <summary>Unconditional writes, 25 at most in a request, repeated until the store has taken all of them.</summary>
internal static class BatchWriter
{
    public static async Task WriteAsync(
        IAmazonDynamoDB dynamoDb, string table, IEnumerable<WriteRequest> writes, CancellationToken cancellationToken)
    {
        List<WriteRequest>? rest = [.. writes];
        for (var attempt = 1; rest is { Count: > 0 }; attempt++)
        {
            var response = await dynamoDb.BatchWriteItemAsync(
                new BatchWriteItemRequest { RequestItems = new() { [table] = rest } }, cancellationToken);
            rest = response.UnprocessedItems?.GetValueOrDefault(table);
            if (rest is { Count: > 0 })
            {
                await Task.Delay(Backoff.Delay(attempt), cancellationToken);
            }
        }
    }
}
