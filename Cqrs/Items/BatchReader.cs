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
        string? onlyAttributes = null,
        TimeProvider? time = null)
    {
        var pages = new ConcurrentQueue<List<Dictionary<string, AttributeValue>>>();
        await Parallel.ForEachAsync(
            keys.Chunk(MaxKeysPerRequest),
            new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellationToken },
            async (chunk, token) => pages.Enqueue(await ReadChunkAsync(dynamoDb, table, chunk, onlyAttributes, new BatchRounds(time), token)));
        return [.. pages.SelectMany(page => page)];
    }

    // Keys that the store leaves unprocessed are asked for again: at once if the answer was full, or after a wait if it had nothing of them.
    private static async Task<List<Dictionary<string, AttributeValue>>> ReadChunkAsync(
        IAmazonDynamoDB dynamoDb,
        string table,
        Dictionary<string, AttributeValue>[] keys,
        string? onlyAttributes,
        BatchRounds rounds,
        CancellationToken cancellationToken)
    {
        var found = new List<Dictionary<string, AttributeValue>>();
        var rest = new KeysAndAttributes
        {
            Keys = [.. keys],
            ConsistentRead = true,
            ProjectionExpression = onlyAttributes,
        };
        while (true)
        {
            var response = await dynamoDb.BatchGetItemAsync(
                new BatchGetItemRequest { RequestItems = new() { [table] = rest } }, cancellationToken);
            found.AddRange(response.Responses.GetValueOrDefault(table) ?? []);
            if (response.UnprocessedKeys?.GetValueOrDefault(table) is not { Keys.Count: > 0 } left)
            {
                return found;
            }

            if (left.Keys.Count == rest.Keys.Count)
            {
                await rounds.WaitAsync(cancellationToken);
            }

            rest = left;
        }
    }
}
