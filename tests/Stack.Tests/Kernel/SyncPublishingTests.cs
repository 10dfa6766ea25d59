using Cqrs.Items;
using Cqrs.Publishing;

namespace StackTests.Kernel;

/// <summary>PublishSync: command, history and data in one transaction, and then the handlers.</summary>
public sealed class SyncPublishingTests(Stack stack)
{
    // Conformance 12.
    [Fact]
    public async Task Every_read_model_shows_it_on_return_and_the_late_stream_record_changes_nothing()
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        var first = await kernel.AcceptAsync(kernel.Input("chair", 0, "1"), isSync: true);
        var second = await kernel.AcceptAsync(kernel.Input("chair", 1, "2"), isSync: true);

        Assert.True(second.IsSync);
        Assert.Equal("2", (await kernel.DataAsync("chair"))!.Name);
        Assert.Equal("1", Assert.Single(await kernel.HistoryAsync("chair")).Name);
        Assert.Equal(2, kernel.Handler.Rows[kernel.Key("chair")].Version);
        var before = await DumpAsync(kernel);

        await kernel.ProjectAsync(first);
        await kernel.ProjectAsync(first, second);
        await kernel.ProjectAsync(await kernel.LogAsync("chair"));

        Assert.Equal(before, await DumpAsync(kernel));
    }

    [Fact]
    public async Task Commands_that_were_pending_are_applied_before_it()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptManyAsync("chair", 4);

        await kernel.AcceptAsync(kernel.Input("chair", 4, "chair 5"), isSync: true);

        Assert.Equal("chair 5", (await kernel.DataAsync("chair"))!.Name);
        Assert.Equal(["chair 1", "chair 2", "chair 3", "chair 4"], (await kernel.HistoryAsync("chair")).Select(state => state.Name));
        Assert.Equal(5, kernel.Handler.Rows[kernel.Key("chair")].Version);
    }

    [Fact]
    public async Task Commands_that_were_pending_are_applied_before_it_also_onto_the_newest()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var commands = await kernel.AcceptManyAsync("chair", 4);
        await kernel.ProjectAsync(commands[..2]);

        Assert.Equal(5, (await kernel.AcceptAsync(kernel.Input("chair", -1, "chair 5"), isSync: true)).Version);

        Assert.Equal("chair 5", (await kernel.DataAsync("chair"))!.Name);
        Assert.Equal(["chair 1", "chair 2", "chair 3", "chair 4"], (await kernel.HistoryAsync("chair")).Select(state => state.Name));
    }

    // Conformance 13.
    [Fact]
    public async Task When_a_handler_fails_the_command_stands_and_the_stream_completes_it()
    {
        var (good, failing) = (new RecordingHandler("good"), new RecordingHandler("failing"));
        await using var kernel = await KernelHost.StartAsync(stack, good, failing);
        failing.Fails = _ => new InvalidOperationException("not today");

        var pending = Assert.IsType<PublishResult.Pending>(await kernel.PublishAsync(kernel.Input("chair"), isSync: true)).Command;

        Assert.Equal(1, Assert.Single(await kernel.LogAsync("chair")).Version);
        Assert.Equal(1, (await kernel.DataAsync("chair"))!.Version);
        Assert.Empty(failing.Rows);

        failing.Fails = null;
        await kernel.ProjectAsync(pending);

        Assert.Equal(1, failing.Rows[kernel.Key("chair")].Version);
        Assert.Equal(1, good.Rows[kernel.Key("chair")].Version);
    }

    // Conformance 14.
    [Fact]
    public async Task Sync_and_async_publishes_make_one_row_of_versions()
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        var first = await kernel.AcceptAsync(kernel.Input("chair", 0, "1"), isSync: true);
        var second = await kernel.AcceptAsync(kernel.Input("chair", 1, "2"));
        var third = await kernel.AcceptAsync(kernel.Input("chair", 2, "3"), isSync: true);

        Assert.Equal((1, 2, 3), (first.Version, second.Version, third.Version));
        Assert.Equal(3, (await kernel.DataAsync("chair"))!.Version);
        await kernel.ProjectAsync(second);
        Assert.Equal(3, (await kernel.DataAsync("chair"))!.Version);
        Assert.Equal(["1", "2"], (await kernel.HistoryAsync("chair")).Select(state => state.Name));
        Assert.Equal(3, kernel.Handler.Rows[kernel.Key("chair")].Version);
    }

    [Fact]
    public async Task It_and_the_worker_on_one_item_at_once_end_in_the_same_state()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        for (var round = 0; round < 8; round++)
        {
            var sk = $"chair-{round}";
            var commands = await kernel.AcceptManyAsync(sk, 3);

            var publish = kernel.PublishAsync(kernel.Input(sk, 3, $"{sk} 4"), isSync: true);
            var project = kernel.ProjectAsync(commands);
            await Task.WhenAll(publish, project);

            Assert.Equal(4, KernelHost.Accepted(await publish).Version);
            Assert.Equal(4, (await kernel.DataAsync(sk))!.Version);
            Assert.Equal([1, 2, 3], (await kernel.HistoryAsync(sk)).Select(state => state.Version));
            Assert.Equal(4, kernel.Handler.Rows[kernel.Key(sk)].Version);
        }
    }

    [Fact]
    public async Task It_is_refused_like_the_other()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair") with { Code = "C-1" }, isSync: true);

        Assert.Equal(new PublishResult.Conflict(1), await kernel.PublishAsync(kernel.Input("chair", 0, "x"), isSync: true));
        Assert.Equal(new PublishResult.CodeTaken("C-1"), await kernel.PublishAsync(kernel.Input("table") with { Code = "C-1" }, isSync: true));
        Assert.IsType<PublishResult.Rejected>(await kernel.PublishAsync(kernel.Input("a@b"), isSync: true));
        Assert.IsType<PublishResult.Unchanged>(await kernel.PublishAsync(kernel.Input("chair", 1), isSync: true));

        Assert.Null(await kernel.DataAsync("table"));
        Assert.Empty(await kernel.HistoryAsync("chair"));
    }

    private static async Task<string> DumpAsync(KernelHost kernel) => string.Join('\n', [
        .. (await kernel.LogAsync("chair")).Select(command => Text(command)),
        .. (await kernel.HistoryAsync("chair")).Select(state => Text(state)),
        Text((await kernel.DataAsync("chair"))!),
        .. kernel.Handler.Rows.Values.Select(row => Text(row))]);

    private static string Text(ItemModel item) => $"{item with { Attributes = [] }} {item.Attributes.ToJsonString()}";
}
