using Cqrs.Items;
using Cqrs.Tables;

namespace FaultTests.Streams;

/// <summary>One worker follows another, in this process, on a real stream: what each was handed can be counted. 37.</summary>
[Collection(KernelCollection.Name)]
public sealed class HandoverTests(FaultStack stack)
{
    private const string Module = "gadget";

    private static readonly CqrsModule Gadgets = new(Module, "GADGET");

    [Fact]
    public async Task Workers_that_are_asked_to_end_and_their_successors_handle_every_command_once()
    {
        var place = await Place.NewAsync(stack);
        var handlers = new List<MemoryHandler>();
        var tenant = FaultStack.NewTenant();
        await using var writer = await Parts.CreateAsync(place, addModules: MemoryHandler.Module(Module, new MemoryHandler("none")));
        var things = new ProductWriter(writer, tenant, Module);
        using var stop = new CancellationTokenSource();
        var published = new List<CommandModel>();
        Task? writing = null;
        for (var worker = 0; worker < 4; worker++)
        {
            var handler = new MemoryHandler("memory");
            handlers.Add(handler);
            // A successor that waited for a lease to run out would wait for too long.
            await using var parts = await Parts.CreateAsync(
                place, builder => builder.Configuration["Stream:LeaseTimeout"] = "00:02:00", MemoryHandler.Module(Module, handler), setUp: false);
            await parts.StartAsync();
            if (writing is null)
            {
                // Before the first command, or the replay of a stream that is read for the first time and the stream both hand it over.
                await Eventually.IsTrueAsync(
                    "the replay is done",
                    async () => (await Queries.LeasesAsync(stack.Dynamo, place.Tables, Gadgets)).Any(lease => lease is { ShardId: "#replay", IsFinished: true }));
                writing = WriteAsync();
            }

            await Eventually.GetAsync(
                $"worker {worker} has its share", () => Task.FromResult(handler.Handed.Count), count => count > 40, TimeSpan.FromSeconds(30));
            if (worker == 3)
            {
                await stop.CancelAsync();
                await writing;
                await Eventually.GetAsync(
                    "all is handled", () => Task.FromResult(handlers.Sum(h => h.Handed.Count)), count => count >= published.Count, TimeSpan.FromSeconds(30));
            }

            await parts.StopAsync();
            var leases = await Queries.LeasesAsync(stack.Dynamo, place.Tables, Gadgets);
            Assert.All(leases.Where(lease => !lease.IsFinished), lease => Assert.Null(lease.Owner));
        }

        var handed = handlers.SelectMany(handler => handler.Handed).ToList();
        Assert.Equal(published.Count, handed.Count);
        Assert.Equal(published.Select(command => new KeyVersion(command.Key, command.Version)).ToHashSet(), [.. handed]);
        foreach (var item in handed.GroupBy(h => h.Key))
        {
            Assert.Equal(item.Select(h => h.Version).Order(), item.Select(h => h.Version));
        }

        async Task WriteAsync()
        {
            for (var i = 0; i < 6000 && !stop.IsCancellationRequested; i++)
            {
                published.Add(await things.PublishAsync($"item-{i % 50}", $"Name {i}"));
            }
        }
    }
}
