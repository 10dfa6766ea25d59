using Cqrs.Hosting;
using Cqrs.Operations;
using Cqrs.Postgres.Hosting;
using Cqrs.Publishing;
using Cqrs.Purging;
using Cqrs.Reading;
using Microsoft.Extensions.DependencyInjection;
using Products;

namespace FaultTests.Projection;

/// <summary>Where a module has another handler beside Postgres, the event FINISHED says the same as the status of a command.</summary>
[Collection(KernelCollection.Name)]
public sealed class FinishedEventTests(FaultStack stack) : IAsyncLifetime
{
    private readonly MemoryHandler _other = new("other");

    private Parts? _parts;
    private ProductWriter? _products;

    private Parts Parts => _parts!;

    private ProductWriter Products => _products!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _parts = await Parts.CreateAsync(await Place.NewAsync(stack), addModules: builder =>
        {
            builder.AddCqrs();
            builder.AddReadModel<ProductsContext>("productdb");
            builder.Services.AddCqrsModule(
                ProductModule.Kernel, provider => ActivatorUtilities.CreateInstance<ProductSyncHandler>(provider), _ => _other);
        });
        _products = new ProductWriter(Parts, FaultStack.NewTenant());
    }

    public ValueTask DisposeAsync() => Parts.DisposeAsync();

    [Fact]
    public async Task It_comes_when_the_slowest_handler_has_the_version_and_no_row_waits_for_that()
    {
        var command = await Products.PublishAsync("a", "A");
        var mayGoOn = new TaskCompletionSource();
        _other.BeforeUp = _ => mayGoOn.Task;
        var projecting = Products.ProjectAsync(command);

        await Eventually.IsTrueAsync("the row is there", async () => await Parts.Postgres.RowAsync(command.Id) is not null);
        Assert.Equal(CommandStatus.Pending, await StatusAsync("a", 1));
        Assert.Empty(await EventsAsync());

        mayGoOn.SetResult();
        await projecting;
        Assert.Equal(CommandStatus.Finished, await StatusAsync("a", 1));
        Assert.Equal(["a 1 FINISHED"], await EventsAsync());
        await Products.ProjectAsync(command);
        Assert.Equal(["a 1 FINISHED"], await EventsAsync());
    }

    // As a worker that is killed leaves it: what comes after the row never happens.
    [Fact]
    public async Task A_worker_that_dies_between_the_handlers_loses_no_event()
    {
        var (a, b) = (await Products.PublishAsync("a", "A"), await Products.PublishAsync("b", "B"));
        _other.BeforeUp = _ => throw new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => Products.ProjectAsync(a, b));
        Assert.NotNull(await Parts.Postgres.RowAsync(a.Id));
        Assert.Empty(await EventsAsync());

        _other.BeforeUp = null;
        await Products.ProjectAsync(a, b, await Products.PublishAsync("b", "B 2"));
        await Products.ProjectAsync(a, b);

        Assert.Equal(["a 1 FINISHED", "b 2 FINISHED"], (await EventsAsync()).Order());
    }

    [Fact]
    public async Task Of_a_command_that_another_handler_refuses_it_comes_when_a_replay_has_gone_through()
    {
        _other.Fails = command => command.Name == "Refused" ? new InvalidDataException("No such thing.") : null;
        await Products.ProjectAsync(await Products.PublishAsync("a", "A"), await Products.PublishAsync("b", "Refused"));

        Assert.Equal(CommandStatus.Failed, await StatusAsync("b", 1));
        Assert.Equal(["a 1 FINISHED", "b 1 FAILED"], (await EventsAsync()).Order());
        await Parts.Of<Resync>().WriteRowsAsync(Products.Key("").Pk, null, Cancellation).ToListAsync(Cancellation);
        Assert.DoesNotContain("b 1 FINISHED", await EventsAsync());

        _other.Fails = null;
        var parked = Assert.Single(await Products.ParkedAsync());
        Assert.Equal("", await Parts.Services.GetParked().ReplayAsync(parked.Id, Cancellation));
        Assert.Equal(CommandStatus.Finished, await StatusAsync("b", 1));
        Assert.Equal("b 1 FINISHED", (await EventsAsync())[^1]);
    }

    [Fact]
    public async Task Of_two_versions_in_a_batch_the_earlier_has_its_own_if_another_handler_refuses_the_later()
    {
        _other.Fails = command => command.Name == "Refused" ? new InvalidDataException("No such thing.") : null;
        var (first, second) = (await Products.PublishAsync("a", "A"), await Products.PublishAsync("a", "Refused"));

        // An item that the other handler takes: the fault is the command's, not its store's.
        await Products.ProjectAsync(first, second, await Products.PublishAsync("b", "B"));
        Assert.Equal(CommandStatus.Finished, await StatusAsync("a", 1));
        Assert.Equal(CommandStatus.Failed, await StatusAsync("a", 2));
        Assert.Equal(["a 1 FINISHED", "a 2 FAILED", "b 1 FINISHED"], (await EventsAsync()).Order());

        await Products.ProjectAsync(first);
        Assert.Equal(3, (await EventsAsync()).Count);

        _other.Fails = null;
        Assert.Equal("", await Parts.Services.GetParked().ReplayAsync(Assert.Single(await Products.ParkedAsync()).Id, Cancellation));
        Assert.Equal(["a 1 FINISHED", "a 2 FAILED", "a 2 FINISHED", "b 1 FINISHED"], (await EventsAsync()).Order());
    }

    [Fact]
    public async Task A_synchronous_publish_tells_when_all_handlers_have_it_and_else_leaves_it_to_the_stream()
    {
        var input = Products.Input("a", "A");
        Assert.IsType<PublishResult.Accepted>(await Parts.Commands.PublishSync(input, Load.Options(Products.Tenant), Cancellation));
        Assert.Equal(["a 1 FINISHED"], await EventsAsync());

        _other.Fails = _ => new InvalidDataException("Not now.");
        var pending = Assert.IsType<PublishResult.Pending>(
            await Parts.Commands.PublishSync(input with { Name = "A 2" }, Load.Options(Products.Tenant), Cancellation)).Command;
        Assert.Equal(["a 1 FINISHED"], await EventsAsync());

        _other.Fails = null;
        await Products.ProjectAsync(pending);
        Assert.Equal(["a 1 FINISHED", "a 2 FINISHED"], await EventsAsync());
    }

    // A code that has moved has the row of its former holder brought up before the command of that comes.
    [Fact]
    public async Task Of_a_row_that_a_moved_code_has_brought_up_it_comes_with_its_own_command()
    {
        var first = await Products.PublishAsync("a", "A", code: "shared");
        await Products.ProjectAsync(first);
        var freed = await Products.PublishAsync("a", "A 2", code: "other");
        var taken = await Products.PublishAsync("b", "B", code: "shared");

        await Products.ProjectAsync(taken);
        Assert.Equal(2, ReadModel.VersionOf(await Parts.Postgres.RowAsync(freed.Id)));
        Assert.Equal(CommandStatus.Pending, await StatusAsync("a", 2));
        Assert.Equal(["a 1 FINISHED", "b 1 FINISHED"], await EventsAsync());

        await Products.ProjectAsync(freed);
        Assert.Equal(CommandStatus.Finished, await StatusAsync("a", 2));
        Assert.Equal(["a 1 FINISHED", "b 1 FINISHED", "a 2 FINISHED"], await EventsAsync());
    }

    [Fact]
    public async Task What_a_resync_brings_is_told_once_and_what_is_purged_is_not_told_of_any_more()
    {
        var command = await Products.PublishAsync("a", "A");
        await Parts.Projector.ApplyToDataAsync([command], Cancellation);
        await Parts.Of<Resync>().WriteRowsAsync(command.Pk, null, Cancellation).ToListAsync(Cancellation);
        await Products.ProjectAsync(command);
        Assert.Equal(["a 1 FINISHED"], await EventsAsync());

        _other.BeforeUp = _ => throw new TimeoutException();
        var second = await Products.PublishAsync("b", "B");
        await Assert.ThrowsAsync<TimeoutException>(() => Products.ProjectAsync(second));
        _other.BeforeUp = null;
        await Parts.Of<PurgeService>().PurgeAsync(second.Key, Cancellation);
        await Products.ProjectRecordsAsync(Records.Remove(second));
        Assert.Equal(["a 1 FINISHED"], await EventsAsync());
        await using var left = Parts.Postgres.CreateCommand("SELECT count(*) FROM due_events");
        Assert.Equal(0L, await left.ExecuteScalarAsync(Cancellation));
    }

    private async Task<CommandStatus> StatusAsync(string sk, long version) =>
        (await Parts.Of<CommandStatusService>().GetAsync(Products.Key(sk), version, TimeSpan.Zero, Cancellation))!.Value.Status;

    private async Task<List<string>> EventsAsync()
    {
        await using var select = Parts.Postgres.CreateCommand("SELECT sk || ' ' || version || ' ' || status FROM events ORDER BY id");
        await using var reader = await select.ExecuteReaderAsync(Cancellation);
        var events = new List<string>();
        while (await reader.ReadAsync(Cancellation))
        {
            events.Add(reader.GetString(0));
        }

        return events;
    }
}
