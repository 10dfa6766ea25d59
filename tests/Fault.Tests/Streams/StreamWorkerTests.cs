using Cqrs.Items;
using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace FaultTests.Streams;

/// <summary>The reader of the stream against a stream that follows a script; leases, commands and data are in a real DynamoDB. 38.</summary>
[Collection(KernelCollection.Name)]
public sealed class StreamWorkerTests(FaultStack stack) : IAsyncLifetime
{
    private const string Module = "gadget";

    private static readonly CqrsModule Gadgets = new(Module, "GADGET");

    private readonly ScriptedStreams _streams = new();
    private readonly MemoryHandler _handler = new("memory");
    private Place? _place;
    private Parts? _parts;
    private ProductWriter? _things;

    private Parts Parts => _parts!;

    private ProductWriter Things => _things!;

    public async ValueTask InitializeAsync()
    {
        _place = await Place.NewAsync(stack);
        await StartAsync();
    }

    public ValueTask DisposeAsync() => Parts.DisposeAsync();

    [Fact]
    public async Task Records_of_every_shard_on_every_page_are_projected()
    {
        _streams.PageSize = 2;
        _streams.RecordsInPage = 3;
        var commands = await PublishAsync(25);
        for (var i = 0; i < 5; i++)
        {
            var shard = _streams.AddShard($"shard-{i}");
            shard.EmptyPages = i;
            _streams.Put(shard, commands[(i * 5)..((i * 5) + 5)]);
        }

        await ProjectedAsync(commands);
        await EachOnceAsync(commands);
    }

    [Fact]
    public async Task Throttling_errors_and_iterators_that_expire_delay_and_lose_nothing()
    {
        var shard = _streams.AddShard("shard");
        _streams.RecordsInPage = 2;
        var first = await PublishAsync(6);
        _streams.Put(shard, first);
        await ProjectedAsync(first);

        _streams.Fail("GetRecords", "LimitExceededException", 2);
        _streams.Fail("GetRecords", "InternalServerError", 2);
        _streams.Fail("GetRecords", "ExpiredIteratorException", 2);
        _streams.Fail("GetShardIterator", "ThrottlingException");
        _streams.Fail("GetShardIterator", "InternalServerError");
        _streams.Fail("DescribeStream", "LimitExceededException", 2);
        _streams.Fail("DescribeStream", "InternalServerError", 2);
        var second = await PublishAsync(7);
        _streams.Put(shard, second);

        await ProjectedAsync(second);
        await Eventually.IsTrueAsync("all failures are had", () => Task.FromResult(_streams.AllFailed));
        await Eventually.GetAsync("it is healthy", HealthAsync, status => status == 200);
        await EachOnceAsync([.. first, .. second]);
    }

    [Fact]
    public async Task It_is_unhealthy_while_the_stream_cannot_be_read_but_not_for_a_little_throttling()
    {
        var shard = _streams.AddShard("shard");
        await Eventually.GetAsync("it is healthy", HealthAsync, status => status == 200);
        _streams.Fail("GetRecords", "LimitExceededException", 3);
        for (var i = 0; !_streams.AllFailed && i < 1000; i++)
        {
            Assert.Equal(200, await HealthAsync());
        }

        _streams.Fail("GetRecords", "InternalServerError", 6);
        await Eventually.GetAsync("it is unhealthy", HealthAsync, status => status == 503);
        var commands = await PublishAsync(2);
        _streams.Put(shard, commands);
        await ProjectedAsync(commands);
        await Eventually.GetAsync("it is healthy again", HealthAsync, status => status == 200);
    }

    [Fact]
    public async Task A_parent_is_read_to_its_end_before_its_children_and_a_child_that_is_not_there_yet_is_found_later()
    {
        var commands = await PublishAsync(12);
        var parent = _streams.AddShard("parent");
        var child = _streams.AddShard("child", "parent");
        var sibling = _streams.AddShard("sibling", "parent", isVisible: false);
        var grandchild = _streams.AddShard("grandchild", "child");
        _streams.RecordsInPage = 2;
        _streams.Put(parent, commands[..3]);
        _streams.Put(child, commands[3..6]);
        _streams.Put(sibling, commands[6..9]);
        _streams.Put(grandchild, commands[9..]);

        // The parent is open: nobody reads its children.
        await ProjectedAsync(commands[..3]);
        Assert.DoesNotContain(_streams.Calls, call => !call.StartsWith("parent", StringComparison.Ordinal));

        child.IsClosed = true;
        parent.IsClosed = true;
        await ProjectedAsync([.. commands[..6], .. commands[9..]]);
        Assert.DoesNotContain(_handler.Done, done => commands[6..9].Any(c => c.Key == done.Key));
        sibling.IsVisible = true;
        await ProjectedAsync(commands);

        var calls = _streams.Calls.ToList();
        Assert.True(calls.FindIndex(call => call.StartsWith("parent:", StringComparison.Ordinal) && call.EndsWith("end", StringComparison.Ordinal))
            < calls.FindIndex(call => call.StartsWith("child:", StringComparison.Ordinal)));
        Assert.True(calls.FindIndex(call => call.StartsWith("child:", StringComparison.Ordinal) && call.EndsWith("end", StringComparison.Ordinal))
            < calls.FindIndex(call => call.StartsWith("grandchild:", StringComparison.Ordinal)));
        await EachOnceAsync(commands);
        Assert.True((await LeaseAsync("parent"))!.IsFinished);
        Assert.False((await LeaseAsync("grandchild"))!.IsFinished);
    }

    [Fact]
    public async Task A_finished_shard_is_not_read_again_by_the_next_worker()
    {
        var commands = await PublishAsync(4);
        var parent = _streams.AddShard("parent");
        parent.IsClosed = true;
        var child = _streams.AddShard("child", "parent");
        _streams.Put(parent, commands[..2]);
        _streams.Put(child, commands[2..3]);
        await ProjectedAsync(commands[..3]);

        await Parts.DisposeAsync();
        await StartAsync();
        _streams.Put(child, commands[3]);

        await ProjectedAsync(commands);
        await EachOnceAsync(commands);
    }

    [Fact]
    public async Task After_the_stream_was_trimmed_past_the_checkpoint_the_command_table_is_replayed()
    {
        var shard = _streams.AddShard("shard");
        var commands = await PublishAsync(3);
        _streams.Put(shard, commands);
        await ProjectedAsync(commands);
        await Parts.DisposeAsync();

        // The worker is away for longer than a day.
        await using (var writer = await CreateAsync(setUp: false))
        {
            _things = new ProductWriter(writer, Things.Tenant, Module);
            commands.AddRange(await PublishAsync(4));
            _streams.Put(shard, commands[3..]);
            shard.Trimmed = 6;
        }

        await StartAsync();
        await ProjectedAsync(commands);
        Assert.Contains(Parts.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("trimmed", StringComparison.Ordinal));

        // And it goes on with the stream.
        var more = await PublishAsync(2);
        _streams.Put(shard, more);
        await ProjectedAsync(more);
    }

    [Fact]
    public async Task After_a_shard_has_gone_before_it_was_read_to_its_end_the_command_table_is_replayed()
    {
        var parent = _streams.AddShard("parent");
        var commands = await PublishAsync(3);
        _streams.Put(parent, commands);
        await ProjectedAsync(commands);
        await Parts.DisposeAsync();

        // The worker is away for so long that the parent, its last records and all, is not even listed any more.
        await using (var writer = await CreateAsync(setUp: false))
        {
            _things = new ProductWriter(writer, Things.Tenant, Module);
            commands.AddRange(await PublishAsync(4));
            _streams.Put(_streams.AddShard("child", "parent"), commands[5..]);
            _streams.Remove(parent);
        }

        await StartAsync();
        await ProjectedAsync(commands);
    }

    [Fact]
    public async Task After_the_stream_was_trimmed_under_a_reader_that_lives_the_command_table_is_replayed_and_it_goes_on()
    {
        var shard = _streams.AddShard("shard");
        var commands = await PublishAsync(3);
        _streams.Put(shard, commands);
        await ProjectedAsync(commands);

        commands.AddRange(await PublishAsync(4));
        shard.Trimmed = 5;
        _streams.Put(shard, commands[3..]);
        await ProjectedAsync(commands);

        var more = await PublishAsync(2);
        _streams.Put(shard, more);
        await ProjectedAsync(more);
        await Eventually.GetAsync("it is healthy", HealthAsync, status => status == 200);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_shard_has_gone_under_its_reader_the_command_table_is_replayed_and_its_children_are_read(bool isHeld)
    {
        var parent = _streams.AddShard("parent");
        var commands = await PublishAsync(3);
        _streams.Put(parent, commands);
        await ProjectedAsync(commands);

        // A store was away for longer than a day, that of the handler or that of the streams.
        commands.AddRange(await PublishAsync(4));
        if (isHeld)
        {
            _handler.Fails = _ => new TimeoutException();
            _streams.Put(parent, commands[3..5]);
            await Eventually.GetAsync("it is held", HealthAsync, status => status == 503);
        }

        var child = _streams.AddShard("child", "parent");
        _streams.Put(child, commands[5..]);
        _streams.Remove(parent);
        _handler.Fails = null;

        await ProjectedAsync(commands);
        await Eventually.IsTrueAsync("the replay is done", async () => (await LeaseAsync("#replay"))!.IsFinished && await LeaseAsync("parent") is null);
        var more = await PublishAsync(2);
        _streams.Put(child, more[..1]);
        _streams.Put(_streams.AddShard("sibling", "parent"), more[1..]);
        await ProjectedAsync(more);
        await Eventually.GetAsync("it is healthy", HealthAsync, status => status == 200);
    }

    [Fact]
    public async Task After_the_table_was_created_anew_under_a_reader_that_lives_its_new_stream_is_read()
    {
        var shard = _streams.AddShard("shard");
        var commands = await PublishAsync(3);
        _streams.Put(shard, commands);
        await ProjectedAsync(commands);

        await Parts.Dynamo.DeleteTableAsync(Parts.Place.Tables.Command(Gadgets), TestContext.Current.CancellationToken);
        await Eventually.GetAsync("there is nothing to read", HealthAsync, status => status == 503);
        await Parts.Services.GetRequiredService<TableSetup>().EnsureTablesAsync(TestContext.Current.CancellationToken);

        // The leases are those of the new stream.
        await Eventually.IsTrueAsync("the shard is read", async () => (await LeaseAsync("shard"))?.Owner is not null);
        await Eventually.IsTrueAsync("the replay is done", async () => (await LeaseAsync("#replay"))!.IsFinished);
        var more = await PublishAsync(2);
        _streams.Put(shard, more);
        await ProjectedAsync(more);
        await Eventually.GetAsync("it is healthy", HealthAsync, status => status == 200);
    }

    [Fact]
    public async Task Commands_that_are_older_than_the_stream_are_replayed_when_it_is_read_for_the_first_time()
    {
        await Parts.DisposeAsync();
        _place = await Place.NewAsync(stack);
        List<CommandModel> commands;
        await using (var writer = await CreateAsync(setUp: true))
        {
            _things = new ProductWriter(writer, Things.Tenant, Module);
            commands = await PublishAsync(30);
        }

        _streams.AddShard("shard");
        await StartAsync(waitForReplay: false);

        await ProjectedAsync(commands);
        await EachOnceAsync(commands);
    }

    [Fact]
    public async Task A_fault_of_the_handlers_store_holds_the_shard_and_its_checkpoint()
    {
        var shard = _streams.AddShard("shard");
        var commands = await PublishAsync(3);
        _streams.Put(shard, commands[..1]);
        await ProjectedAsync(commands[..1]);
        var reached = (await Eventually.GetAsync("the checkpoint is saved", () => LeaseAsync("shard"), lease => lease?.Checkpoint is not null))!.Checkpoint;

        _handler.Fails = _ => new TimeoutException();
        _streams.Put(shard, commands[1..]);
        await Eventually.GetAsync("it is unhealthy", HealthAsync, status => status == 503);
        var lagging = await Eventually.GetAsync("it lags", () => LeaseAsync("shard"), lease => lease!.LagMs > 0);
        Assert.Equal(reached, lagging!.Checkpoint);

        _handler.Fails = null;
        await ProjectedAsync(commands);
        await Eventually.GetAsync("it is healthy", HealthAsync, status => status == 200);
        await Eventually.GetAsync("the checkpoint is saved", () => LeaseAsync("shard"), lease => lease!.Checkpoint != reached && lease.LagMs == 0);
        Assert.Empty(await Things.ParkedAsync());
    }

    // 37: at the moment it is asked to end, it is held by a fault
    [Fact]
    public async Task A_worker_that_ends_while_it_is_held_leaves_the_checkpoint_where_the_work_is_done()
    {
        var shard = _streams.AddShard("shard");
        var commands = await PublishAsync(4);
        _streams.RecordsInPage = 2;
        _handler.Fails = command => command.Key == commands[2].Key ? new TimeoutException() : null;
        _streams.Put(shard, commands);
        await Eventually.GetAsync("it is unhealthy", HealthAsync, status => status == 503);

        await Parts.DisposeAsync();

        var left = await LeaseOfAsync("shard");
        Assert.Equal((null, shard.Records[1].Dynamodb.SequenceNumber), (left!.Owner, left.Checkpoint));
        _handler.Fails = null;
        await StartAsync();
        await ProjectedAsync(commands);
    }

    private Task<Parts> CreateAsync(bool setUp) => Parts.CreateAsync(
        _place!, builder => builder.Services.AddSingleton<IDynamoDbStreams>(_streams), MemoryHandler.Module(Module, _handler), setUp);

    private async Task StartAsync(bool waitForReplay = true)
    {
        _parts = await CreateAsync(setUp: false);
        _things = new ProductWriter(Parts, _things?.Tenant ?? FaultStack.NewTenant(), Module);
        await Parts.StartAsync();
        if (waitForReplay)
        {
            await Eventually.IsTrueAsync("the first replay is done", async () => (await LeaseAsync("#replay"))?.IsFinished == true);
        }
    }

    private async Task<List<CommandModel>> PublishAsync(int count)
    {
        var commands = new List<CommandModel>();
        for (var i = 0; i < count; i++)
        {
            commands.Add(await Things.PublishAsync(Keys.GenerateSk(), $"Name {i}"));
        }

        return commands;
    }

    private Task ProjectedAsync(IReadOnlyCollection<CommandModel> commands) => Eventually.GetAsync(
        $"{commands.Count} commands are projected",
        () => Task.FromResult(commands.Count(command => _handler.Rows.GetValueOrDefault(command.Key)?.Version >= command.Version)),
        count => count == commands.Count);

    // What is in work when the host is asked to end is finished first.
    private async Task EachOnceAsync(IReadOnlyCollection<CommandModel> commands)
    {
        await Parts.StopAsync();
        Assert.Equal(
            commands.Select(command => command.Key.Sk).Order(StringComparer.Ordinal), _handler.Handed.Select(handed => handed.Key.Sk).Order(StringComparer.Ordinal));
    }

    private async Task<ShardLease?> LeaseAsync(string shardId)
    {
        try
        {
            return await LeaseOfAsync(shardId);
        }
        catch (Amazon.DynamoDBv2.Model.ResourceNotFoundException)
        {
            // The tables are being made.
            return null;
        }
    }

    private async Task<ShardLease?> LeaseOfAsync(string shardId) =>
        (await Queries.LeasesAsync(stack.Dynamo, _place!.Tables, Gadgets)).SingleOrDefault(lease => lease.ShardId == shardId);

    private async Task<int> HealthAsync()
    {
        using var http = new HttpClient { BaseAddress = Parts.Address };
        using var response = await http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
