using System.Collections.Concurrent;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace Cqrs.Items;

/// <summary>Strongly consistent reads of many items by key, a hundred in a request.</summary>
internal static class BatchReader
{
    private const int MaxKeysPerRequest = 100;
    private const int RequestsAtOnce = 8;

    public static async Task<List<Dictionary<string, AttributeValue>>> ReadAsync(
        IAmazonDynamoDB dynamoDb,
        string table,
        IEnumerable<Dictionary<string, AttributeValue>> keys,
        CancellationToken cancellationToken,
        string? onlyAttributes = null)
    {
        var pages = new ConcurrentQueue<List<Dictionary<string, AttributeValue>>>();
        await Parallel.ForEachAsync(
            keys.Chunk(MaxKeysPerRequest),
            new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellationToken },
            async (chunk, token) => pages.Enqueue(await ReadChunkAsync(dynamoDb, table, chunk, onlyAttributes, token)));
        return [.. pages.SelectMany(page => page)];
    }

    // Keys that the store leaves unprocessed are asked for again: it answers part of a batch when it is busy, or when the answer is large.
    private static async Task<List<Dictionary<string, AttributeValue>>> ReadChunkAsync(
        IAmazonDynamoDB dynamoDb,
        string table,
        Dictionary<string, AttributeValue>[] keys,
        string? onlyAttributes,
        CancellationToken cancellationToken)
    {
        var found = new List<Dictionary<string, AttributeValue>>();
        var rest = new KeysAndAttributes
        {
            Keys = [.. keys],
            ConsistentRead = true,
            ProjectionExpression = onlyAttributes,
        };
        for (var attempt = 0; rest is { Keys.Count: > 0 }; attempt++)
        {
            if (attempt > 0 && found.Count == 0)
            {
                await Task.Delay(Backoff.Delay(attempt), cancellationToken);
            }

            var response = await dynamoDb.BatchGetItemAsync(
                new BatchGetItemRequest { RequestItems = new() { [table] = rest } }, cancellationToken);
            found.AddRange(response.Responses.GetValueOrDefault(table) ?? []);
            rest = response.UnprocessedKeys?.GetValueOrDefault(table);
        }

        return found;
    }
}
