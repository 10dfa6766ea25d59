using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace FaultTests.Streams;

/// <summary>A real table gets another stream while the worker lives.</summary>
[Collection(KernelCollection.Name)]
public sealed class NewStreamTests(FaultStack stack)
{
    private const string Module = "gadget";

    private static readonly CqrsModule Gadgets = new(Module, "GADGET");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_worker_goes_on_with_the_new_stream_of_its_table(bool isCreatedAnew)
    {
        var handler = new MemoryHandler("memory");
        await using var parts = await Parts.CreateAsync(await Place.NewAsync(stack), addModules: MemoryHandler.Module(Module, handler));
        var things = new ProductWriter(parts, FaultStack.NewTenant(), Module);
        await parts.StartAsync();
        await ProjectedAsync(await things.PublishAsync("before", "Before"));
        await Eventually.IsTrueAsync("the replay is done", IsReplayedAsync);

        var table = parts.Place.Tables.Command(Gadgets);
        if (isCreatedAnew)
        {
            await parts.Dynamo.DeleteTableAsync(table, TestContext.Current.CancellationToken);
            await Eventually.IsTrueAsync("the worker has met no table", () => Task.FromResult(parts.Log.Lines.Any(
                line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains(nameof(ResourceNotFoundException), StringComparison.Ordinal))));
            await parts.Services.GetRequiredService<TableSetup>().EnsureTablesAsync(TestContext.Current.CancellationToken);
        }
        else
        {
            await ChangeStreamAsync(new StreamSpecification { StreamEnabled = false });
            await things.PublishAsync("unseen", "In no stream");
            await ChangeStreamAsync(new StreamSpecification { StreamEnabled = true, StreamViewType = "NEW_IMAGE" });
            await ProjectedAsync((await parts.Of<Cqrs.CommandLog.CommandStore>(Module).GetAsync(things.Key("unseen"), 1, TestContext.Current.CancellationToken))!);
        }

        // By the replay, which is once, or by the stream; the later ones by the stream alone.
        await ProjectedAsync(await things.PublishAsync("first", "First"));
        await Eventually.IsTrueAsync("the replay is done", IsReplayedAsync);
        await ProjectedAsync(await things.PublishAsync("second", "Second"));

        async Task<bool> IsReplayedAsync() =>
            (await Queries.LeasesAsync(stack.Dynamo, parts.Place.Tables, Gadgets)).Any(lease => lease is { ShardId: "#replay", IsFinished: true });

        Task ChangeStreamAsync(StreamSpecification stream) => parts.Dynamo.UpdateTableAsync(
            new UpdateTableRequest { TableName = table, StreamSpecification = stream }, TestContext.Current.CancellationToken);

        Task ProjectedAsync(CommandModel command) => Eventually.IsTrueAsync(
            $"{command.Sk} is projected", () => Task.FromResult(handler.Rows.GetValueOrDefault(command.Key)?.Version >= command.Version));
    }
}
