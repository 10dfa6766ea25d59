using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace Cqrs.Sessions;

/// <summary>
/// Sends the unconditional puts of concurrent requests together. A single put is sent alone. Puts that come while others are under way wait, and up to
/// twenty-five of them share the next request.
/// </summary>
internal sealed class SharedBatch(IAmazonDynamoDB dynamoDb, string table)
{
    private const int MaxInBatch = 25;
    private const int RequestsAtOnce = 2;

    private readonly Lock _lock = new();
    private readonly Queue<(Dictionary<string, AttributeValue> Item, TaskCompletionSource Done)> _waiting = new();
    private int _underWay;

    /// <summary>Completes when the item is stored. Every item of a batch has another key.</summary>
    public Task PutAsync(Dictionary<string, AttributeValue> item)
    {
        lock (_lock)
        {
            if (_underWay == RequestsAtOnce)
            {
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue((item, done));
                return done.Task;
            }

            _underWay++;
        }

        return PutAloneAsync(item);
    }

    // The cancellation of one request must not cancel the puts of others. So waiting puts are always sent.
    private async Task PutAloneAsync(Dictionary<string, AttributeValue> item)
    {
        try
        {
            await dynamoDb.PutItemAsync(new PutItemRequest { TableName = table, Item = item }, CancellationToken.None);
        }
        finally
        {
            if (TakeBatch() is { Count: > 0 } batch)
            {
                // A request for several callers belongs to none of their traces.
                using (ExecutionContext.SuppressFlow())
                {
                    _ = Task.Run(() => WriteAsync(batch));
                }
            }
        }
    }

    private async Task WriteAsync(List<(Dictionary<string, AttributeValue> Item, TaskCompletionSource Done)> batch)
    {
        for (; batch.Count > 0; batch = TakeBatch())
        {
            try
            {
                await BatchWriter.WriteAsync(
                    dynamoDb, table, batch.Select(entry => new WriteRequest(new PutRequest(entry.Item))), CancellationToken.None);
                batch.ForEach(entry => entry.Done.SetResult());
            }
            catch (Exception fault)
            {
                batch.ForEach(entry => entry.Done.SetException(fault));
            }
        }
    }

    private List<(Dictionary<string, AttributeValue> Item, TaskCompletionSource Done)> TakeBatch()
    {
        lock (_lock)
        {
            var batch = new List<(Dictionary<string, AttributeValue> Item, TaskCompletionSource Done)>();
            while (batch.Count < MaxInBatch && _waiting.TryDequeue(out var next))
            {
                batch.Add(next);
            }

            if (batch.Count == 0)
            {
                _underWay--;
            }

            return batch;
        }
    }
}
