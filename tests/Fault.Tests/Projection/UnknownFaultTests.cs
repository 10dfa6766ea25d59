using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Purging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FaultTests.Projection;

/// <summary>Exceptions that nobody has heard of: an outage of a handler's store is waited out, and a command that it refuses is parked.</summary>
[Collection(KernelCollection.Name)]
public sealed class UnknownFaultTests(Kernel kernel) : IAsyncLifetime
{
    private const string Module = "widget";

    private readonly MemoryHandler _good = new("good");
    private readonly MemoryHandler _own = new("own");
    private readonly ManualTime _time = new();

    private Parts? _parts;

    private Parts Parts => _parts!;

    public async ValueTask InitializeAsync() => await CreateAsync();

    public ValueTask DisposeAsync() => Parts.DisposeAsync();

    [Fact]
    public async Task An_outage_parks_nothing_whatever_its_exceptions_are_and_is_waited_out()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        await things.ProjectAsync(await things.PublishAsync("before", "Before"));
        var alone = await things.PublishAsync("alone", "Alone");
        var many = new List<CommandModel>();
        for (var i = 0; i < 20; i++)
        {
            many.Add(await things.PublishAsync($"many-{i}", "Many"));
        }

        _own.Fails = _ => new UnheardOfException();
        var handedBefore = _own.Handed.Count;
        for (var round = 0; round < 3; round++)
        {
            await AssertHeldAsync(() => things.ProjectAsync(alone));
            await AssertHeldAsync(() => things.ProjectAsync(many));
            _time.Offset += FaultJudge.LongestHold;
        }

        Assert.Empty(await things.ParkedAsync());
        Assert.Empty(Parts.Alarms.Raised);
        // It is found at the first call that all is refused, and not command by command.
        Assert.Equal(3 * 21, _own.Handed.Count - handedBefore);

        _own.Fails = null;
        await things.ProjectAsync([alone, .. many]);
        Assert.Equal(22, _own.Rows.Count);
    }

    [Fact]
    public async Task An_outage_that_begins_in_the_middle_of_a_batch_parks_nothing()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        var commands = new List<CommandModel>();
        for (var i = 0; i < 8; i++)
        {
            commands.Add(await things.PublishAsync($"{i}", "Fine"));
        }

        // One is refused for its own sake at first, so that the batch is taken apart; after some calls, everything.
        var asked = 0;
        _own.Fails = command => command.Key.Sk == "6" || Interlocked.Increment(ref asked) > 20 ? new UnheardOfException() : null;
        await AssertHeldAsync(() => things.ProjectAsync(commands));

        Assert.Empty(await things.ParkedAsync());
        _own.Fails = null;
        await things.ProjectAsync(commands);
        Assert.Equal(8, _own.Rows.Count);
    }

    [Fact]
    public async Task What_one_command_meets_while_others_go_through_parks_that_command_alone()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        _own.Fails = command => command.Name == "Refused" ? new UnheardOfException() : null;
        await things.ProjectAsync(await things.PublishAsync("a", "Fine"));

        await things.ProjectAsync(await things.PublishAsync("alone", "Refused"));
        await things.ProjectAsync(await things.PublishAsync("b", "Fine"), await things.PublishAsync("beside", "Refused"));
        await things.ProjectAsync(await things.PublishAsync("a", "Refused"));

        Assert.Equal(["a@2", "alone@1", "beside@1"], (await things.ParkedAsync()).Select(parked => parked.Sk).Order());
        Assert.Equal(["a", "b"], _own.Rows.Keys.Select(key => key.Sk).Order());
        Assert.Equal(3, Parts.Alarms.Raised.Count);
    }

    // After a start, with a target that has something already.
    [Fact]
    public async Task A_worker_that_has_just_begun_tells_them_apart_by_what_the_target_has()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        await things.ProjectAsync(await things.PublishAsync("a", "Fine"));
        await Parts.DisposeAsync();
        await CreateAsync();
        things = new ProductWriter(Parts, things.Tenant, Module);
        var refused = await things.PublishAsync("b", "Refused");

        _own.Fails = _ => new UnheardOfException();
        await AssertHeldAsync(() => things.ProjectAsync(refused));
        Assert.Empty(await things.ParkedAsync());
        _own.Fails = command => command.Name == "Refused" ? new UnheardOfException() : null;
        await things.ProjectAsync(refused);
        Assert.Equal("b@1", Assert.Single(await things.ParkedAsync()).Sk);
    }

    [Fact]
    public async Task With_nothing_to_compare_it_is_held_for_a_minute_and_then_parked()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        _own.Fails = _ => new UnheardOfException();
        var (first, second) = (await things.PublishAsync("a", "First"), await things.PublishAsync("b", "Second"));

        await AssertHeldAsync(() => things.ProjectAsync(first, second));
        _time.Offset += FaultJudge.LongestHold - TimeSpan.FromSeconds(20);
        await AssertHeldAsync(() => things.ProjectAsync(first, second));
        Assert.Empty(await things.ParkedAsync());

        _time.Offset += TimeSpan.FromSeconds(21);
        await things.ProjectAsync(first, second);
        Assert.Equal(["a@1", "b@1"], (await things.ParkedAsync()).Select(parked => parked.Sk).Order());
    }

    [Theory]
    [InlineData(FaultOrigin.Store)]
    [InlineData(FaultOrigin.Command)]
    public async Task What_a_handler_knows_of_its_own_exceptions_counts(FaultOrigin origin)
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        // Of which one is a store's by default.
        foreach (var (sk, exception) in new[] { ("a", new UnheardOfException()), ("b", (Exception)new TimeoutException("late")) })
        {
            _own.Knows = _ => origin;
            _own.Fails = _ => exception;
            var command = await things.PublishAsync(sk, "Any");
            if (origin == FaultOrigin.Store)
            {
                await AssertHeldAsync(() => things.ProjectAsync(command));
            }
            else
            {
                await things.ProjectAsync(command);
                Assert.StartsWith($"{exception.GetType().Name}: ", (await things.ParkedAsync()).Single(p => p.Sk == command.Sk).Reason, StringComparison.Ordinal);
            }
        }

        Assert.Equal(origin == FaultOrigin.Store ? 0 : 2, (await things.ParkedAsync()).Count);
    }

    [Fact]
    public async Task An_outage_gives_up_no_purge_either()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        var command = await things.PublishAsync("a", "Fine");
        await things.ProjectAsync(command, await things.PublishAsync("b", "Fine"));
        await Parts.Of<PurgeService>(Module).PurgeAsync(things.Key("a"), TestContext.Current.CancellationToken);

        _own.FailsDown = new UnheardOfException();
        _own.Fails = _ => new UnheardOfException();
        await AssertHeldAsync(() => things.ProjectRecordsAsync(Records.Remove(command)));
        Assert.Empty(Parts.Alarms.Raised);

        (_own.FailsDown, _own.Fails) = (null, null);
        await things.ProjectRecordsAsync(Records.Remove(command));
        Assert.Equal("b", Assert.Single(_own.Rows.Keys).Sk);
    }

    [Fact]
    public async Task The_worker_holds_says_so_and_goes_on_when_the_store_is_back()
    {
        await Parts.DisposeAsync();
        await CreateAsync(isAlone: true);
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        await Parts.StartAsync();
        await things.PublishAsync("before", "Before");
        await Eventually.IsTrueAsync("the first is there", () => Task.FromResult(_own.Rows.Count == 1));
        _own.Fails = _ => new UnheardOfException();
        await things.PublishAsync("a", "A");

        var health = Parts.Services.GetRequiredService<HealthCheckService>();
        var report = await Eventually.GetAsync(
            "the worker is unhealthy",
            async () => await health.CheckHealthAsync(check => check.Name == $"projection {Module}", TestContext.Current.CancellationToken),
            now => now.Status == HealthStatus.Unhealthy);
        Assert.Contains("Nobody has heard of it.", Assert.Single(report.Entries).Value.Description, StringComparison.Ordinal);
        await things.PublishAsync("b", "B");
        _own.Fails = null;

        await Eventually.IsTrueAsync("all are there", () => Task.FromResult(_own.Rows.Count == 3));
        Assert.Empty(await things.ParkedAsync());
    }

    private async Task CreateAsync(bool isAlone = false) =>
        _parts = await Parts.CreateAsync(
            isAlone ? await Place.NewAsync(kernel.Stack) : kernel.Parts.Place,
            builder => builder.Services.AddSingleton<TimeProvider>(_time),
            MemoryHandler.Module(Module, _good, _own));

    private static async Task AssertHeldAsync(Func<Task> project) =>
        Assert.True(StoreFaults.IsStoreFault(await Assert.ThrowsAnyAsync<Exception>(project)));

    private sealed class UnheardOfException() : Exception("Nobody has heard of it.");
}
