using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Cqrs.Items;
using Cqrs.Publishing;
using Cqrs.Purging;

namespace FaultTests.Projection;

/// <summary>A purge that hangs, and wakes up when the item was purged by another and created anew.</summary>
[Collection(KernelCollection.Name)]
public sealed class HangingPurgeTests(Kernel kernel)
{
    private readonly ProductWriter _products = new(kernel.Parts, FaultStack.NewTenant());

    // Before a code is freed, notes, history or data are deleted, the purge is remembered, or a command is deleted.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task It_leaves_the_new_item_as_it_is(int writesBefore)
    {
        List<CommandModel> purged =
        [
            await _products.PublishAsync("a", "One", "before"),
            await _products.PublishAsync("a", "Two", "wanted"),
            await _products.PublishAsync("a", "Three"),
        ];
        await _products.ProjectAsync(purged);
        using var client = new HangingClient(kernel.Stack.DynamoDbConfig(), writesBefore);
        var hanging = new PurgeService(client, kernel.Parts.Place.Tables, FaultStack.Module)
            .PurgeAsync(_products.Key("a"), TestContext.Current.CancellationToken);
        await client.Hangs.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.True(await kernel.Parts.Of<PurgeService>().PurgeAsync(_products.Key("a"), TestContext.Current.CancellationToken));
        await _products.ProjectRecordsAsync([.. purged.Select(Records.Remove)]);
        List<CommandModel> anew = [await _products.PublishAsync("a", "Anew", "before"), await _products.PublishAsync("a", "Newer", "wanted")];
        Assert.Equal(1, anew[0].Version);
        await _products.ProjectAsync(anew);
        client.WakeUp();
        Assert.True(await hanging);
        await _products.ProjectRecordsAsync([.. purged.Select(Records.Remove)]);

        await _products.CheckAsync();
        var newest = await kernel.Parts.Commands.GetNewestAsync(_products.Key("a"), TestContext.Current.CancellationToken);
        Assert.Equal(("Newer", 2), (newest?.Name, newest?.Version));
        Assert.IsType<PublishResult.CodeTaken>(await kernel.Parts.Commands.PublishAsync(
            _products.Input("other", "Other", "wanted"), Load.Options(_products.Tenant), TestContext.Current.CancellationToken));
    }

    /// <summary>Hangs before one of its writes, as a process does that is stopped.</summary>
    private sealed class HangingClient(AmazonDynamoDBConfig config, int writesBefore) : AmazonDynamoDBClient("local", "local", config)
    {
        private readonly TaskCompletionSource _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _wokenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _writes;

        public Task Hangs => _hangs.Task;

        public void WakeUp() => _wokenUp.SetResult();

        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            pipeline.AddHandler(new Handler(this));
        }

        private async Task BeforeAsync(AmazonWebServiceRequest request)
        {
            if (request is not (QueryRequest or BatchGetItemRequest or GetItemRequest) && Interlocked.Increment(ref _writes) == writesBefore + 1)
            {
                _hangs.SetResult();
                await _wokenUp.Task;
            }
        }

        private sealed class Handler(HangingClient client) : PipelineHandler
        {
            public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
            {
                await client.BeforeAsync(executionContext.RequestContext.OriginalRequest);
                return await base.InvokeAsync<T>(executionContext);
            }
        }
    }
}
