using System.Collections.Concurrent;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace Cqrs.Items;

/// <summary>Strongly consistent reads of many items by key, a hundred in a request.</summary>
internal static class BatchReader
{
    private const int MaxKeysPerRequest = 100;
    private const int RequestsAtOnce = 8;
    private const int MaxKeysOfSome = 300;

    /// <summary>How many keys are read before it is known how large the items are.</summary>
    public const int FirstKeys = 25;

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

    /// <summary>Reads the first of many items, in the order of their keys, until they have taken <see cref="ItemSize.MaxBytesAtOnce"/> or a little more.</summary>
    /// <param name="dynamoDb">The store.</param>
    /// <param name="table">The table.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <param name="firstKeys">How many are read at first, large or not.</param>
    /// <returns>The items that exist, and how many keys were read: all, or one at least.</returns>
    public static async Task<(List<Dictionary<string, AttributeValue>> Items, int KeysRead)> ReadSomeAsync(
        IAmazonDynamoDB dynamoDb,
        string table,
        IReadOnlyList<Dictionary<string, AttributeValue>> keys,
        CancellationToken cancellationToken,
        int firstKeys = FirstKeys)
    {
        var items = new List<Dictionary<string, AttributeValue>>();
        var (read, bytes, count) = (0, 0L, firstKeys);
        while (read < keys.Count && bytes < ItemSize.MaxBytesAtOnce)
        {
            var found = await ReadAsync(dynamoDb, table, keys.Skip(read).Take(count), cancellationToken);
            items.AddRange(found);
            read = Math.Min(keys.Count, read + count);
            bytes += found.Sum(item => (long)ItemSize.Of(item));
            // As many more as there is room for, if they are like these.
            count = (int)Math.Clamp((ItemSize.MaxBytesAtOnce - bytes) * read / Math.Max(1, bytes), 1, Math.Min(3 * read, MaxKeysOfSome));
        }

        return (items, read);
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
