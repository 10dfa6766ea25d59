using System.Reflection;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Projection;

namespace Cqrs.Tests;

/// <summary>A store that leaves batches undone is not asked without end, nor without a pause.</summary>
public sealed class UnprocessedBatchTests
{
    private const string Table = "t";

    private readonly SkippingTime _time = new();
    private readonly IAmazonDynamoDB _client = DispatchProxy.Create<IAmazonDynamoDB, ScriptedDynamoDb>();

    private ScriptedDynamoDb Store => (ScriptedDynamoDb)(object)_client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_whose_first_answer_has_one_item_and_the_next_ones_none_ends_in_a_fault_of_the_store_after_a_few_calls()
    {
        Store.Taken = call => call == 1 ? 1 : 0;

        var fault = await Assert.ThrowsAsync<ProvisionedThroughputExceededException>(ReadAsync);

        Assert.True(StoreFaults.IsStoreFault(fault));
        Assert.Equal(2 + BatchRounds.MaxIdle, Store.Calls);
        Assert.InRange(_time.Waits, BatchRounds.MaxIdle - 4, BatchRounds.MaxIdle);
    }

    [Fact]
    public async Task A_read_that_gets_further_with_each_answer_waits_for_nothing()
    {
        Store.Taken = _ => 30;

        Assert.Equal(100, (await ReadAsync()).Count);

        Assert.Equal(4, Store.Calls);
        Assert.Equal(0, _time.Waits);
    }

    [Fact]
    public async Task A_read_waits_after_each_answer_that_brought_nothing()
    {
        Store.Taken = call => call % 2 == 0 ? 25 : 0;

        Assert.Equal(100, (await ReadAsync()).Count);

        Assert.Equal(8, Store.Calls);
        Assert.InRange(_time.Waits, 1, 4);
    }

    [Fact]
    public async Task A_write_of_which_nothing_is_taken_any_more_ends_in_a_fault_of_the_store_after_a_few_calls()
    {
        Store.Taken = call => call <= 2 ? 1 : 0;

        await Assert.ThrowsAsync<ProvisionedThroughputExceededException>(
            () => BatchWriter.WriteAsync(_client, Table, Keys(25).Select(key => new WriteRequest(new PutRequest(key))), Token, _time));

        Assert.InRange(Store.Calls, BatchRounds.MaxIdle, 3 + BatchRounds.MaxIdle);
        Assert.InRange(_time.Waits, Store.Calls - 5, Store.Calls);
    }

    private Task<List<Dictionary<string, AttributeValue>>> ReadAsync() => BatchReader.ReadAsync(_client, Table, Keys(100), Token, time: _time);

    private static IEnumerable<Dictionary<string, AttributeValue>> Keys(int count) =>
        Enumerable.Range(0, count).Select(i => ItemFormat.ToKey("PRODUCT#acme", $"item-{i}"));

    /// <summary>Answers batches with as many of their first keys as it is told, and leaves the rest.</summary>
    private class ScriptedDynamoDb : DispatchProxy
    {
        public Func<int, int> Taken { get; set; } = _ => int.MaxValue;

        public int Calls { get; private set; }

        protected override object? Invoke(MethodInfo? method, object?[]? args)
        {
            var taken = Taken(++Calls);
            switch (args?[0])
            {
                case BatchGetItemRequest { RequestItems: var asked }:
                    var keys = asked[Table].Keys;
                    return Task.FromResult(new BatchGetItemResponse
                    {
                        Responses = new() { [Table] = [.. keys.Take(taken)] },
                        UnprocessedKeys = keys.Count > taken ? new() { [Table] = new KeysAndAttributes { Keys = [.. keys.Skip(taken)] } } : null,
                    });
                case BatchWriteItemRequest { RequestItems: var asked }:
                    return Task.FromResult(new BatchWriteItemResponse { UnprocessedItems = new() { [Table] = [.. asked[Table].Skip(taken)] } });
                default:
                    throw new NotSupportedException(method?.Name);
            }
        }
    }

    /// <summary>A clock on which every wait is over at once. It counts them; one of less than a millisecond is none.</summary>
    private sealed class SkippingTime : TimeProvider
    {
        public int Waits { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits++;
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
