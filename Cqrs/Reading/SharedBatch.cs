using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace Cqrs.Reading;

/// <summary>
/// Unconditional puts of concurrent requests, in shared batches: what comes while batches are under way waits for the next one. Alone, a put
/// costs one round trip as ever; with many at once, twenty-five share one.
/// </summary>
internal sealed class SharedBatch(IAmazonDynamoDB dynamoDb, string table)
{
    private const int MaxInBatch = 25;
    private const int BatchesAtOnce = 2;

    private readonly Lock _lock = new();
    private readonly Queue<(Dictionary<string, AttributeValue> Item, TaskCompletionSource Done)> _waiting = new();
    private int _underWay;

    /// <summary>Completes when the item is stored. Every item of a batch has another key.</summary>
    public Task PutAsync(Dictionary<string, AttributeValue> item)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Enqueue((item, done));
            if (_underWay == BatchesAtOnce)
            {
                return done.Task;
            }

            _underWay++;
        }

        // What is written for others belongs to none of their traces.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(WriteWaitingAsync);
        }

        return done.Task;
    }

    // Nobody's request is cancelled with another's: a batch is written to its end.
    private async Task WriteWaitingAsync()
    {
        while (TakeBatch() is { Count: > 0 } batch)
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
