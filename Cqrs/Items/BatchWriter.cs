using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace Cqrs.Items;

/// <summary>Unconditional writes, 25 at most in a request, repeated until the store has taken all of them, or takes none for long.</summary>
internal static class BatchWriter
{
    public static async Task WriteAsync(
        IAmazonDynamoDB dynamoDb,
        string table,
        IEnumerable<WriteRequest> writes,
        CancellationToken cancellationToken,
        TimeProvider? time = null)
    {
        var rounds = new BatchRounds(time);
        for (List<WriteRequest> rest = [.. writes]; rest.Count > 0;)
        {
            var response = await dynamoDb.BatchWriteItemAsync(
                new BatchWriteItemRequest { RequestItems = new() { [table] = rest } }, cancellationToken);
            var left = response.UnprocessedItems?.GetValueOrDefault(table) ?? [];
            if (left.Count < rest.Count)
            {
                rounds.Restart();
            }

            // A batch of writes has room for all of them: what is left undone is throttled.
            if (left.Count > 0)
            {
                await rounds.WaitAsync(cancellationToken);
            }

            rest = left;
        }
    }
}
