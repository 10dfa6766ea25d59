using System.Text.Json.Nodes;
using Cqrs.Items;
using Cqrs.Publishing;
using Cqrs.Purging;

namespace FaultTests.Projection;

/// <summary>What is purged is gone for good. 20c.</summary>
[Collection(KernelCollection.Name)]
public sealed class PurgeTests(Kernel kernel)
{
    private readonly ProductWriter _products = new(kernel.Parts, FaultStack.NewTenant());

    [Fact]
    public async Task Nothing_is_left_of_what_was_purged_and_its_code_is_free()
    {
        var commands = await PublishedAsync();
        await PurgeAsync(commands);

        Assert.Empty(await kernel.Parts.Oracle.DumpAsync(_products.Tenant));
        await _products.ProjectAsync(await _products.PublishAsync("other", "Another", "wanted"));
        await _products.CheckAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_code_of_a_purged_item_is_free_before_the_stream_tells_of_the_purge(bool isProjected)
    {
        var commands = await PublishedAsync(isProjected);
        await kernel.Parts.Of<PurgeService>().PurgeAsync(_products.Key("a"), TestContext.Current.CancellationToken);
        var taker = await _products.PublishAsync("other", "Another", "wanted");

        // One batch of the stream: what was inserted comes to the read models before what was removed.
        await _products.ProjectRecordsAsync([.. commands.Select(Records.Insert), .. commands.Select(Records.Remove), Records.Insert(taker)]);

        Assert.Empty(await _products.ParkedAsync());
        await _products.CheckAsync();
    }

    // Four is the version that the purged item had.
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_purged_key_that_is_used_again_gives_its_code_to_another(int versions)
    {
        var commands = await PublishedAsync();
        await kernel.Parts.Of<PurgeService>().PurgeAsync(_products.Key("a"), TestContext.Current.CancellationToken);
        var anew = new List<CommandModel>();
        while (anew.Count < versions)
        {
            anew.Add(await _products.PublishAsync("a", $"Anew {anew.Count}", "elsewhere"));
        }

        var taker = await _products.PublishAsync("other", "Another", "wanted");

        await _products.ProjectRecordsAsync([.. commands.Select(Records.Remove), .. anew.Select(Records.Insert), Records.Insert(taker)]);

        Assert.Empty(await _products.ParkedAsync());
        await _products.CheckAsync();
    }

    // Who read the item before the purge and wrote after it. The stream tells of it with the purge, or when that is long followed; or a shard does
    // that another worker reads.
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_version_that_was_written_while_the_item_was_purged_is_purged_too(bool isInOneBatch, bool isPurgeRead)
    {
        var commands = await PublishedAsync();
        await kernel.Parts.Of<PurgeService>().PurgeAsync(_products.Key("a"), TestContext.Current.CancellationToken);
        var late = commands[^1] with { Version = 5, Sk = _products.Key("a").VersionSk(5), Name = "Late" };
        var table = kernel.Parts.Place.Tables.Command(FaultStack.Module);
        await kernel.Parts.Dynamo.PutItemAsync(table, ItemFormat.ToItem(late), TestContext.Current.CancellationToken);
        var taker = await _products.PublishAsync("other", "Another", "wanted");

        Record[] records = [.. commands.Select(Records.Remove), Records.Insert(late), Records.Insert(taker)];
        foreach (var batch in records.Skip(isPurgeRead ? 0 : commands.Count).Chunk(isInOneBatch ? records.Length : 1))
        {
            await _products.ProjectRecordsAsync(batch);
        }

        Assert.Empty(await _products.ParkedAsync());
        var left = await kernel.Parts.Dynamo.GetItemAsync(table, ItemFormat.ToKey(late.Pk, late.Sk), TestContext.Current.CancellationToken);
        Assert.False(left.IsItemSet);
        await _products.ProjectRecordsAsync(Records.Remove(late));
        await _products.CheckAsync();
        // Neither is its code, if it was still its own, nor its key kept from others.
        Assert.Equal(1, (await _products.PublishAsync("a", "Anew", "elsewhere")).Version);
    }

    [Fact]
    public async Task A_purge_that_overtakes_its_own_commands_in_the_stream_leaves_nothing()
    {
        var commands = await PublishedAsync(isProjected: false);
        await kernel.Parts.Of<PurgeService>().PurgeAsync(_products.Key("a"), TestContext.Current.CancellationToken);

        // The stream carries first what was inserted, then what was removed; here in batches of two.
        Record[] records = [.. commands.Select(Records.Insert), .. commands.Select(Records.Remove)];
        foreach (var batch in records.Chunk(2))
        {
            await _products.ProjectRecordsAsync(batch);
        }

        Assert.Empty(await kernel.Parts.Oracle.DumpAsync(_products.Tenant));
    }

    // A worker that goes on late, between two versions of what is purged by now: the first version below it is another item's.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Late_versions_of_a_purged_item_leave_nothing_in_the_history_of_the_new_one(int versions)
    {
        var commands = await PublishedAsync();
        await kernel.Parts.Of<PurgeService>().PurgeAsync(_products.Key("a"), TestContext.Current.CancellationToken);
        var anew = new List<CommandModel>();
        while (anew.Count < versions)
        {
            anew.Add(await _products.PublishAsync("a", $"Anew {anew.Count}", "elsewhere"));
        }

        await _products.ProjectRecordsAsync(Records.Insert(commands[1]));
        await _products.ProjectRecordsAsync([.. commands.Select(Records.Remove), .. anew.Select(Records.Insert)]);

        await _products.CheckAsync();
    }

    // It read them before the purge, and the purge is yet to be followed.
    [Fact]
    public async Task Nothing_builds_on_what_a_late_worker_has_brought_back()
    {
        var commands = await PublishedAsync(isProjected: false);
        await kernel.Parts.Of<PurgeService>().PurgeAsync(_products.Key("a"), TestContext.Current.CancellationToken);
        await _products.ProjectAsync(commands);

        Assert.Null(await kernel.Parts.Commands.GetNewestAsync(_products.Key("a"), TestContext.Current.CancellationToken));
        Assert.Empty(await kernel.Parts.Commands.GetNewestAsync([_products.Key("a")], TestContext.Current.CancellationToken));
        Assert.IsType<PublishResult.NotFound>(await kernel.Parts.Commands.PublishPartialUpdateAsync(
            _products.Key("a"), Keys.VersionLatest, new JsonObject { ["name"] = "Changed" }, Load.Options(_products.Tenant), TestContext.Current.CancellationToken));
        var anew = await _products.PublishAsync("a", "Anew", "elsewhere");
        Assert.Equal(1, anew.Version);

        await _products.ProjectRecordsAsync([.. commands.Select(Records.Remove), Records.Insert(anew)]);
        await _products.CheckAsync();
        Assert.Equal("Anew", (await kernel.Parts.Postgres.RowAsync(anew.Id))!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Records_that_are_delivered_again_after_the_purge_bring_nothing_back()
    {
        var commands = await PublishedAsync();
        await PurgeAsync(commands);

        await _products.ProjectRecordsAsync([.. commands.Select(Records.Insert), .. commands.Select(Records.Remove)]);

        Assert.Empty(await kernel.Parts.Oracle.DumpAsync(_products.Tenant));
    }

    [Fact]
    public async Task Inserts_alone_that_are_delivered_again_after_the_purge_bring_nothing_back()
    {
        var commands = await PublishedAsync();
        await PurgeAsync(commands);

        await _products.ProjectRecordsAsync([.. commands.Select(Records.Insert)]);

        Assert.Empty(await kernel.Parts.Oracle.DumpAsync(_products.Tenant));
    }

    [Fact]
    public async Task An_item_that_is_created_anew_under_a_purged_key_is_the_new_one_whatever_comes_late()
    {
        var commands = await PublishedAsync();
        await kernel.Parts.Of<PurgeService>().PurgeAsync(_products.Key("a"), TestContext.Current.CancellationToken);
        var anew = await _products.PublishAsync("a", "Anew");
        Assert.Equal(1, anew.Version);

        await _products.ProjectRecordsAsync([.. commands.Select(Records.Remove), Records.Insert(anew)]);
        await _products.CheckAsync();

        // All of it again, in the order of the stream.
        await _products.ProjectRecordsAsync([.. commands.Select(Records.Insert), .. commands.Select(Records.Remove), Records.Insert(anew)]);
        await _products.CheckAsync();
    }

    [Fact]
    public async Task A_purge_of_an_item_with_a_parked_command_takes_that_off_the_list()
    {
        var command = await _products.PublishAsync("a", "Fine");
        // Postgres cannot hold it, DynamoDB can.
        await _products.ProjectRecordsAsync(Records.Insert(command with { Name = "a\0b" }));
        Assert.Single(await _products.ParkedAsync());

        await PurgeAsync([command]);

        Assert.Empty(await _products.ParkedAsync());
        Assert.Empty(await kernel.Parts.Oracle.DumpAsync(_products.Tenant));
    }

    // The purge comes between the worker's reading of the command and its giving it up.
    [Fact]
    public async Task A_command_that_is_parked_after_its_purge_leaves_the_list_again_and_cannot_be_replayed()
    {
        var command = await _products.PublishAsync("a", "Secret");
        await kernel.Parts.Of<PurgeService>().PurgeAsync(_products.Key("a"), TestContext.Current.CancellationToken);
        await _products.ProjectAsync(command with { Name = "a\0b" });
        var replayed = Assert.Single(await _products.ParkedAsync());

        Assert.Null(await kernel.Parts.Services.GetParked().ReplayAsync(replayed.Id, TestContext.Current.CancellationToken));
        Assert.Empty(await _products.ParkedAsync());

        await _products.ProjectAsync(command with { Name = "a\0b" });
        Assert.Single(await _products.ParkedAsync());
        await _products.ProjectRecordsAsync(Records.Remove(command));

        Assert.Empty(await _products.ParkedAsync());
        Assert.Empty(await kernel.Parts.Oracle.DumpAsync(_products.Tenant));
    }

    // 31
    [Fact]
    public async Task Malformed_items_of_a_key_of_which_one_is_removed_hold_nothing_up()
    {
        var good = await _products.PublishAsync("good", "Good");
        var key = _products.Key("junk");
        var tables = kernel.Parts.Place.Tables;
        foreach (var (table, sk) in new[]
        {
            (tables.Command(FaultStack.Module), "junk@2"),
            (tables.Command(FaultStack.Module), "junk@one@2"),
            (tables.History(FaultStack.Module), "junk@1"),
            (tables.Data(FaultStack.Module), "junk"),
        })
        {
            await kernel.Parts.Dynamo.PutItemAsync(table, ItemFormat.ToKey(key.Pk, sk), TestContext.Current.CancellationToken);
        }

        // Each can be read by itself, but only one of them is of the item.
        foreach (var sk in new[] { "junk@3", "junk@foreign@3" })
        {
            var foreign = good with { Sk = sk, Id = new ItemKey(key.Pk, Keys.RemoveSortKeyVersion(sk)).Id, Version = 3, Code = sk };
            await kernel.Parts.Dynamo.PutItemAsync(tables.Command(FaultStack.Module), ItemFormat.ToItem(foreign), TestContext.Current.CancellationToken);
        }

        await _products.ProjectRecordsAsync(
            Records.New("REMOVE", key.Pk, "junk@1", null),
            Records.Insert(good));

        Assert.NotNull(await kernel.Parts.Postgres.RowAsync(good.Id));
    }

    private async Task<List<CommandModel>> PublishedAsync(bool isProjected = true)
    {
        var commands = new List<CommandModel>
        {
            await _products.PublishAsync("a", "One", "before"),
            await _products.PublishAsync("a", "Two", "wanted"),
            await _products.PublishAsync("a", "Three"),
            await _products.PublishAsync("a", "Four", "wanted"),
        };
        if (isProjected)
        {
            await _products.ProjectAsync(commands);
            await _products.CheckAsync();
        }

        return commands;
    }

    private async Task PurgeAsync(IReadOnlyList<CommandModel> commands)
    {
        Assert.True(await kernel.Parts.Of<PurgeService>().PurgeAsync(_products.Key("a"), TestContext.Current.CancellationToken));
        await _products.ProjectRecordsAsync([.. commands.Select(Records.Remove)]);
    }
}
