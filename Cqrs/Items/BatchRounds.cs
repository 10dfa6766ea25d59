using Amazon.DynamoDBv2.Model;

namespace Cqrs.Items;

/// <summary>
/// How often a batch is sent again of which the store leaves everything undone, and how long to wait before: longer each time. In the end the store
/// counts as throttled, a fault like any other of a store.
/// </summary>
internal sealed class BatchRounds(TimeProvider? time = null)
{
    /// <summary>How many rounds may get nowhere.</summary>
    internal const int MaxIdle = 10;

    private int _idle;

    /// <summary>Waits after a round that got nowhere.</summary>
    /// <exception cref="ProvisionedThroughputExceededException">There were too many of them.</exception>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        if (++_idle > MaxIdle)
        {
            throw new ProvisionedThroughputExceededException($"DynamoDB left a batch undone, {MaxIdle} times after it was sent again.");
        }

        return Task.Delay(Backoff.Delay(_idle), time ?? TimeProvider.System, cancellationToken);
    }

    /// <summary>After a round that got further, the next one that does not is the first.</summary>
    public void Restart() => _idle = 0;
}
