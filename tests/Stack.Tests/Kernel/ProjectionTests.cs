using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Operations;
using Cqrs.Projection;

namespace StackTests.Kernel;

/// <summary>What the worker does with commands, whatever the order in which they reach it.</summary>
public sealed class ProjectionTests(Stack stack)
{
    // Conformance 25.
    [Theory]
    [InlineData("1 2 3 4 5 6")]
    [InlineData("6 5 4 3 2 1")]
    [InlineData("1 2 3 4 5 6 | 1 2 3 4 5 6")]
    [InlineData("3 | 2 | 1 | 6 | 5 | 4")]
    [InlineData("6")]
    [InlineData("2 4 6 | 1 3 5")]
    [InlineData("1 | 6 | 3 3 3 | 2")]
    [InlineData("5 | 6 | 5 | 6")]
    public async Task Commands_in_any_order_end_in_the_newest_state_with_the_full_history(string batches)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var commands = await kernel.AcceptManyAsync("chair", 6);

        foreach (var batch in batches.Split('|', StringSplitOptions.TrimEntries))
        {
            await kernel.ProjectAsync([.. batch.Split(' ').Select(version => commands[int.Parse(version) - 1])]);
        }

        Assert.Equal("chair 6", (await kernel.DataAsync("chair"))!.Name);
        Assert.Equal(
            ["chair 1", "chair 2", "chair 3", "chair 4", "chair 5"], (await kernel.HistoryAsync("chair")).Select(state => state.Name));
        Assert.Equal("chair 6", kernel.Handler.Rows[kernel.Key("chair")].Name);
    }

    // Of each item in version order, whatever comes in.
    [Fact]
    public async Task A_handler_is_handed_the_versions_of_an_item_in_order_and_without_gaps()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var chair = await kernel.AcceptManyAsync("chair", 5);
        var table = await kernel.AcceptManyAsync("table", 3);

        await kernel.ProjectAsync(table[2], chair[4], chair[1], table[0]);

        Assert.Equal([1, 2, 3, 4, 5], kernel.Handler.Handed.Where(command => command.Key.Sk == "chair").Select(command => command.Version));
        Assert.Equal([1, 2, 3], kernel.Handler.Handed.Where(command => command.Key.Sk == "table").Select(command => command.Version));
    }

    // Conformance 26.
    [Fact]
    public async Task Fifty_versions_of_one_item_in_one_batch_make_one_row_and_49_history_items()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var commands = await kernel.AcceptManyAsync("chair", 50);

        await kernel.ProjectAsync(commands);

        Assert.Equal(50, (await kernel.DataAsync("chair"))!.Version);
        Assert.Equal(Enumerable.Range(1, 49).Select(v => (long)v), (await kernel.HistoryAsync("chair")).Select(state => state.Version));
        Assert.Equal(50, Assert.Single(kernel.Handler.Rows).Value.Version);
    }

    [Fact]
    public async Task A_batch_with_many_items_applies_all_of_them()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var commands = new List<CommandModel>();
        foreach (var i in Enumerable.Range(0, 120))
        {
            commands.AddRange(await kernel.AcceptManyAsync($"s{i:000}", 1 + (i % 3)));
        }

        var batch = commands.ToArray();
        new Random(3).Shuffle(batch);
        await kernel.ProjectAsync(batch);

        var page = await kernel.Data.ListAsync(kernel.Pk, new ListPage(1000), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 120).Select(i => ($"s{i:000}", (long)(1 + (i % 3)))), page.Items.Select(item => (item.Sk, item.Version)));
        Assert.Equal(120, kernel.Handler.Rows.Count);
        Assert.Equal(80 + 40, (await kernel.QueryAsync(kernel.Tables.History(kernel.Module), "s")).Count);
    }

    // Conformance 27.
    [Fact]
    public async Task A_soft_delete_keeps_the_row_and_a_restore_brings_it_back()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var token = TestContext.Current.CancellationToken;
        var first = await kernel.AcceptAsync(kernel.Input("chair"));
        var second = await kernel.AcceptAsync(kernel.Input("chair", 1) with { IsDeleted = true });
        await kernel.ProjectAsync(first, second);

        Assert.True((await kernel.Data.GetAsync(kernel.Key("chair"), token))!.IsDeleted);
        Assert.True(kernel.Handler.Rows[kernel.Key("chair")].IsDeleted);
        Assert.Empty((await kernel.Data.ListAsync(kernel.Pk, new ListPage(10), token)).Items);
        Assert.Single((await kernel.Data.ListAsync(kernel.Pk, new ListPage(10, IncludeDeleted: true), token)).Items);

        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("chair", 2)));

        Assert.Single((await kernel.Data.ListAsync(kernel.Pk, new ListPage(10), token)).Items);
        Assert.Equal([1, 2], (await kernel.HistoryAsync("chair")).Select(state => state.Version));
    }

    // Conformance 29.
    [Fact]
    public async Task A_handler_that_keeps_failing_has_the_command_parked_and_keeps_nobody_else_from_it()
    {
        var (good, failing) = (new RecordingHandler("good"), new RecordingHandler("failing"));
        await using var kernel = await KernelHost.StartAsync(stack, good, failing);
        var bad = await kernel.AcceptAsync(kernel.Input("bad", attributes: """{"price":7}"""));
        var fine = await kernel.AcceptAsync(kernel.Input("fine"));
        failing.Fails = command => command.Key.Sk == "bad" ? new InvalidOperationException("I do not like it") : null;

        await kernel.ProjectAsync(bad, fine);

        Assert.Equal(2, good.Rows.Count);
        Assert.Equal("fine", Assert.Single(failing.Rows).Key.Sk);
        Assert.Equal(1, (await kernel.DataAsync("bad"))!.Version);
        var parked = Assert.Single(await ParkedAsync(kernel));
        Assert.Equal(("thing", "failing"), (parked.Module, parked.Handler));
        Assert.Contains("I do not like it", parked.Reason);
        Assert.True(JsonContent.AreSame(bad.Attributes, parked.Command!.Attributes));

        // A replay that fails stays parked; one that goes through does not.
        Assert.Contains("I do not like it", await kernel.Parked.ReplayAsync(parked.Id, TestContext.Current.CancellationToken));
        Assert.Single(await ParkedAsync(kernel));
        failing.Fails = null;
        Assert.Equal("", await kernel.Parked.ReplayAsync(parked.Id, TestContext.Current.CancellationToken));
        Assert.Equal(2, failing.Rows.Count);
        Assert.Empty(await ParkedAsync(kernel));
        Assert.Null(await kernel.Parked.ReplayAsync("unknown", TestContext.Current.CancellationToken));
    }

    // Conformance 29: a fault that passes is waited out.
    [Fact]
    public async Task A_handler_that_fails_once_is_asked_again()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var command = await kernel.AcceptAsync(kernel.Input("chair"));
        var failures = 0;
        kernel.Handler.Fails = _ => failures++ < 2 ? new InvalidOperationException("Not yet") : null;

        await kernel.ProjectAsync(command);

        Assert.Equal(1, kernel.Handler.Rows[kernel.Key("chair")].Version);
        Assert.Empty(await ParkedAsync(kernel));
    }

    [Fact]
    public async Task A_fault_of_a_whole_store_parks_nothing()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var commands = await kernel.AcceptManyAsync("chair", 2);
        kernel.Handler.Fails = _ => new TimeoutException("The store is away.");

        await Assert.ThrowsAsync<TimeoutException>(() => kernel.ProjectAsync(commands));

        Assert.Empty(await ParkedAsync(kernel));
        kernel.Handler.Fails = null;
        await kernel.ProjectAsync(commands);
        Assert.Equal(2, kernel.Handler.Rows[kernel.Key("chair")].Version);
    }

    // Conformance 30.
    [Fact]
    public async Task A_late_command_changes_nothing()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var commands = await kernel.AcceptManyAsync("chair", 7);
        await kernel.ProjectAsync(commands);

        await kernel.ProjectAsync(commands[4]);

        Assert.Equal(7, (await kernel.DataAsync("chair"))!.Version);
        Assert.Equal(7, kernel.Handler.Rows[kernel.Key("chair")].Version);
        Assert.Equal([1, 2, 3, 4, 5, 6], (await kernel.HistoryAsync("chair")).Select(state => state.Version));
        Assert.Empty(await ParkedAsync(kernel));
    }

    // That data has a version never means that a handler has seen it.
    [Fact]
    public async Task A_handler_is_brought_up_even_where_data_is_ahead()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var commands = await kernel.AcceptManyAsync("chair", 3);
        kernel.Handler.Fails = _ => new TimeoutException("The store is away.");
        await Assert.ThrowsAsync<TimeoutException>(() => kernel.ProjectAsync(commands));
        Assert.Equal(3, (await kernel.DataAsync("chair"))!.Version);

        kernel.Handler.Fails = null;
        await kernel.ProjectAsync(commands);

        Assert.Equal(3, kernel.Handler.Rows[kernel.Key("chair")].Version);
    }

    [Fact]
    public async Task Workers_that_project_the_same_commands_at_once_end_in_the_same_state()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var commands = await kernel.AcceptManyAsync("chair", 12);
        var random = new Random(5);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
        {
            var shuffled = commands.ToArray();
            random.Shuffle(shuffled);
            return Task.Run(async () =>
            {
                foreach (var batch in shuffled.Chunk(3))
                {
                    await kernel.ProjectAsync(batch);
                }
            });
        }));

        Assert.Equal(12, (await kernel.DataAsync("chair"))!.Version);
        Assert.Equal(Enumerable.Range(1, 11).Select(v => (long)v), (await kernel.HistoryAsync("chair")).Select(state => state.Version));
        Assert.All(await kernel.HistoryAsync("chair"), state => Assert.Equal($"chair {state.Version}", state.Name));
    }

    // Conformance 32, with a target in memory.
    [Fact]
    public async Task A_resync_mends_the_target_and_takes_down_what_data_does_not_have()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.ProjectAsync([.. await kernel.AcceptManyAsync("altered", 2), .. await kernel.AcceptManyAsync("gone", 1)]);
        var pending = await kernel.AcceptManyAsync("pending", 2);
        var rows = kernel.Handler.Rows;
        rows[kernel.Key("altered")] = rows[kernel.Key("altered")] with { Name = "Tampered" };
        rows.TryRemove(kernel.Key("gone"), out var gone);
        rows[kernel.Key("extra")] = gone! with { Pk = kernel.Pk, Sk = "extra@1", Id = kernel.Key("extra").Id };
        rows[kernel.Key("pending")] = pending[0];
        var resync = kernel.Of<Resync>();

        var written = 0;
        await foreach (var page in resync.WriteRowsAsync(kernel.Pk, null, TestContext.Current.CancellationToken))
        {
            written += page.Rows;
        }

        await resync.RemoveStaleRowsAsync(kernel.Pk, TestContext.Current.CancellationToken);

        Assert.Equal(2, written);
        Assert.Equal("altered 2", rows[kernel.Key("altered")].Name);
        Assert.Equal(1, rows[kernel.Key("gone")].Version);
        Assert.DoesNotContain(kernel.Key("extra"), rows.Keys);
        // A command above the row's version is about to be applied.
        Assert.Equal(1, rows[kernel.Key("pending")].Version);
    }

    private static async Task<List<ParkedCommand>> ParkedAsync(KernelHost kernel) =>
        [.. (await kernel.Parked.ReadUnresolvedAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken)).Where(parked => parked.Command!.TenantCode == kernel.Tenant)];
}
