using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Publishing;

namespace StackTests.Kernel;

/// <summary>Versions, sameness and what is stored: against the real command table.</summary>
public sealed class PublishingTests(Stack stack)
{
    // Conformance 1.
    [Fact]
    public async Task A_new_item_is_stored_at_version_1_and_has_no_history()
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        var command = await kernel.AcceptAsync(kernel.Input("chair", name: "Chair", attributes: """{"price":12.5}"""));

        Assert.Equal((1L, "chair@1", kernel.Key("chair").Id, "chair"), (command.Version, command.Sk, command.Id, command.Code));
        var item = (await kernel.ItemAsync(kernel.Tables.Command(kernel.Module), "chair@1"))!;
        Assert.Equal(("Chair", "1", "12.5"), (item["name"].S, item["version"].N, item["attributes"].M["price"].N));
        Assert.Null(await kernel.DataAsync("chair"));

        await kernel.ProjectAsync(command);

        var data = (await kernel.DataAsync("chair"))!;
        Assert.Equal(("chair", 1L, kernel.Pk, "chair@1"), (data.Sk, data.Version, data.Cpk, data.Csk));
        Assert.Empty(await kernel.HistoryAsync("chair"));
        Assert.Equal(1, kernel.Handler.Rows[kernel.Key("chair")].Version);
    }

    [Fact]
    public async Task What_is_answered_is_what_is_stored()
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        var answered = await kernel.AcceptAsync(kernel.Input("chair", attributes: """{"b":{"y":[1,null,{"z":"é"}]},"a":1.50}"""));

        var stored = Assert.Single(await kernel.LogAsync("chair"));
        Assert.True(JsonContent.AreSame(answered.Attributes, stored.Attributes));
        Assert.Equal(answered, stored with { Attributes = answered.Attributes });
    }

    // Conformance 2.
    [Fact]
    public async Task Version_0_on_an_existing_item_is_a_conflict()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptManyAsync("chair", 2);

        var result = await kernel.PublishAsync(kernel.Input("chair", 0, "Other"));

        Assert.Equal(new PublishResult.Conflict(2), result);
        Assert.Equal(2, (await kernel.LogAsync("chair")).Count);
    }

    // Conformance 3.
    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(long.MaxValue)]
    public async Task A_version_of_an_item_that_does_not_exist_is_a_conflict(long version)
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        Assert.Equal(new PublishResult.Conflict(0), await kernel.PublishAsync(kernel.Input("chair", version)));
        Assert.Equal(new PublishResult.Conflict(0), await kernel.PublishAsync(kernel.Input("chair", version), isSync: true));

        Assert.Empty(await kernel.LogAsync("chair"));
        Assert.Null(await kernel.DataAsync("chair"));
        Assert.Empty(await kernel.ReservationsAsync());
    }

    // Conformance 3.
    [Theory]
    [InlineData(-2)]
    [InlineData(long.MinValue)]
    public async Task A_version_below_minus_1_is_rejected(long version)
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        var rejected = Assert.IsType<PublishResult.Rejected>(await kernel.PublishAsync(kernel.Input("chair", version)));

        Assert.Equal("version", Assert.Single(rejected.Errors).Field);
        Assert.Empty(await kernel.LogAsync("chair"));
    }

    [Fact]
    public async Task A_version_that_is_neither_the_newest_nor_0_is_a_conflict()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptManyAsync("chair", 3);

        foreach (var version in new long[] { 1, 2, 4, 100 })
        {
            Assert.Equal(new PublishResult.Conflict(3), await kernel.PublishAsync(kernel.Input("chair", version, "Other")));
        }

        Assert.Equal(3, (await kernel.LogAsync("chair")).Count);
    }

    // Conformance 4.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_publishes_from_the_same_version_exactly_one_wins(bool isSync)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        for (var version = 0; version < 4; version++)
        {
            var results = await Task.WhenAll(Enumerable.Range(0, 6)
                .Select(i => kernel.PublishAsync(kernel.Input("chair", version, $"{version} by {i}"), isSync && i % 2 == 0)));

            var winner = Assert.Single(results.OfType<PublishResult.Accepted>()).Command;
            Assert.Equal(version + 1, winner.Version);
            Assert.All(results.Where(r => r is not PublishResult.Accepted), r => Assert.Equal(new PublishResult.Conflict(version + 1), r));
            Assert.Equal(winner.Name, (await kernel.LogAsync("chair"))[^1].Name);
        }

        Assert.Equal([1, 2, 3, 4], (await kernel.LogAsync("chair")).Select(command => command.Version));
    }

    // Conformance 4.
    [Fact]
    public async Task Publishes_onto_whatever_is_newest_all_win_one_after_the_other()
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => kernel.PublishAsync(kernel.Input("chair", -1, $"by {i}"), i % 2 == 0)));

        Assert.Equal([1, 2, 3, 4, 5, 6], results.Select(result => KernelHost.Accepted(result).Version).Order());
        var log = await kernel.LogAsync("chair");
        Assert.Equal([1, 2, 3, 4, 5, 6], log.Select(command => command.Version));
        Assert.Equal(6, log.Select(command => command.Name).Distinct().Count());
    }

    // Conformance 5.
    [Fact]
    public async Task The_newest_version_is_found_when_data_lags_behind_the_commands()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var commands = await kernel.AcceptManyAsync("chair", 11);
        await kernel.ProjectAsync(commands[..5]);
        Assert.Equal(5, (await kernel.DataAsync("chair"))!.Version);

        Assert.Equal(12, (await kernel.AcceptAsync(kernel.Input("chair", -1, "Newest"))).Version);

        Assert.Equal(Enumerable.Range(1, 12).Select(v => (long)v), (await kernel.LogAsync("chair")).Select(command => command.Version));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(40)]
    [InlineData(130)]
    public async Task The_newest_version_is_found_however_many_there_are(int versions)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptManyAsync("chair", versions);

        Assert.Equal(new PublishResult.Conflict(versions), await kernel.PublishAsync(kernel.Input("chair", 0)));
        Assert.Equal(versions, (await kernel.Commands.GetNewestAsync(kernel.Key("chair"), TestContext.Current.CancellationToken))!.Version);
    }

    // Conformance 6.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Publishing_onto_the_newest_creates_what_does_not_exist(bool isSync)
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        Assert.Equal(1, (await kernel.AcceptAsync(kernel.Input("chair", -1), isSync)).Version);
    }

    // Conformance 7.
    [Theory]
    [InlineData(2, true, false)]
    [InlineData(2, false, false)]
    [InlineData(-1, true, false)]
    [InlineData(-1, false, false)]
    [InlineData(2, false, true)]
    [InlineData(-1, false, true)]
    public async Task The_same_content_again_is_unchanged_and_not_written(long version, bool isApplied, bool isSync)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var first = await kernel.AcceptAsync(kernel.Input("chair", 0, "Old", """{"price":1}"""));
        var second = await kernel.AcceptAsync(kernel.Input("chair", 1, "New", """{"price":2,"tags":["a","b"]}"""));
        await kernel.ProjectAsync(isApplied ? [first, second] : [first]);

        var result = await kernel.PublishAsync(kernel.Input("chair", version, "New", """{"tags":["a","b"],"price":2.0,"none":null}"""), isSync);

        Assert.Equal(2, Assert.IsType<PublishResult.Unchanged>(result).Current.Version);
        Assert.Equal(2, (await kernel.LogAsync("chair")).Count);
    }

    // Conformance 8.
    [Fact]
    public async Task The_content_of_an_old_version_with_its_number_is_a_conflict_and_not_unchanged()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair", 0, "Old"));
        await kernel.AcceptAsync(kernel.Input("chair", 1, "New"));

        Assert.Equal(new PublishResult.Conflict(2), await kernel.PublishAsync(kernel.Input("chair", 1, "Old")));
        Assert.Equal(new PublishResult.Conflict(2), await kernel.PublishAsync(kernel.Input("chair", 0, "Old")));
        Assert.Equal(new PublishResult.Conflict(2), await kernel.PublishAsync(kernel.Input("chair", 0, "New")));
        Assert.Equal(3, (await kernel.AcceptAsync(kernel.Input("chair", 2, "Old"))).Version);
    }

    // Conformance 8: the data row still shows the old content.
    [Fact]
    public async Task The_content_that_a_lagging_data_row_shows_is_a_change_when_the_newest_is_another()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var first = await kernel.AcceptAsync(kernel.Input("chair", 0, "Old"));
        await kernel.ProjectAsync(first);
        await kernel.AcceptAsync(kernel.Input("chair", 1, "New"));

        Assert.Equal(3, (await kernel.AcceptAsync(kernel.Input("chair", -1, "Old"))).Version);
    }

    // Conformance 20: the data row still shows the state that has expired.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_item_that_was_revived_is_found_before_any_read_model_has_it(bool isSync)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("milk") with { Ttl = kernel.Time.GetUtcNow().AddMinutes(1).ToUnixTimeSeconds() }));
        kernel.Time.Offset = TimeSpan.FromMinutes(2);
        Assert.Equal(new PublishResult.NotFound(), await kernel.PatchAsync("milk", -1, """{"name":"Sour"}""", isSync));
        await kernel.AcceptAsync(kernel.Input("milk", -1, "Revived"));

        Assert.Equal(3, KernelHost.Accepted(await kernel.PatchAsync("milk", -1, """{"name":"Fresh"}""", isSync)).Version);
    }

    // The data row still shows a state with which the patch would be too large.
    [Fact]
    public async Task What_would_be_too_large_on_top_of_an_old_state_is_published_onto_the_newest()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var text = new string('x', 250_000);
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("chair", attributes: $$"""{"a":"{{text}}"}""")));
        await kernel.AcceptAsync(kernel.Input("chair", 1));

        Assert.Equal(3, KernelHost.Accepted(await kernel.PatchAsync("chair", -1, $$$"""{"attributes":{"b":"{{{text}}}"}}""")).Version);
        Assert.IsType<PublishResult.TooLarge>(await kernel.PatchAsync("chair", -1, $$$"""{"attributes":{"a":"{{{text}}}"}}"""));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public async Task Who_asks_for_what_somebody_else_has_just_written_sees_it_from_then_on(long version)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("chair")));
        await kernel.AcceptAsync(kernel.Input("chair", 1) with { IsDeleted = true }, options: kernel.By("ben"));
        var (anna, token) = (new UserContext("anna", kernel.Tenant), TestContext.Current.CancellationToken);
        Assert.False((await kernel.Repository.GetAsync(kernel.Key("chair"), anna, token))!.IsDeleted);

        Assert.IsType<PublishResult.Unchanged>(
            await kernel.PublishAsync(kernel.Input("chair", version) with { IsDeleted = true }, options: kernel.By("anna") with { RemembersWrite = false }));
        Assert.False((await kernel.Repository.GetAsync(kernel.Key("chair"), anna, token))!.IsDeleted);
        Assert.IsType<PublishResult.Unchanged>(await kernel.PublishAsync(kernel.Input("chair", version) with { IsDeleted = true }, options: kernel.By("anna")));

        Assert.True((await kernel.Repository.GetAsync(kernel.Key("chair"), anna, token))!.IsDeleted);
        Assert.Empty((await kernel.Repository.ListAsync(kernel.Pk, new ListPage(10), anna, token)).Items);
    }

    // Conformance 15.
    [Fact]
    public async Task Who_created_an_item_survives_every_update_and_who_changed_it_last_is_told()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var first = await kernel.AcceptAsync(kernel.Input("chair"), options: kernel.By("anna", "10.0.0.1"));
        kernel.Time.Offset = TimeSpan.FromMinutes(1);
        var second = await kernel.AcceptAsync(kernel.Input("chair", 1, "2"), options: kernel.By("ben", "10.0.0.2"));
        kernel.Time.Offset = TimeSpan.FromMinutes(2);
        var third = await kernel.AcceptAsync(kernel.Input("chair", 2, "3"), isSync: true, kernel.By("cleo", "10.0.0.3"));
        kernel.Time.Offset = TimeSpan.FromMinutes(3);
        var fourth = await kernel.AcceptAsync(kernel.Input("chair", -1, "4"), options: kernel.By("dora", "10.0.0.4"));
        await kernel.ProjectAsync(fourth);

        var data = (await kernel.DataAsync("chair"))!;
        ItemModel[] everywhere =
            [first, second, third, fourth, .. await kernel.LogAsync("chair"), .. await kernel.HistoryAsync("chair"), data];
        Assert.Equal(12, everywhere.Length);
        Assert.All(everywhere, item => Assert.Equal((first.UpdatedAt, "anna", "10.0.0.1"), (item.CreatedAt, item.CreatedBy, item.CreatedIp)));
        Assert.Equal(
            [("anna", "10.0.0.1"), ("ben", "10.0.0.2"), ("cleo", "10.0.0.3"), ("dora", "10.0.0.4")],
            (await kernel.LogAsync("chair")).Select(command => (command.UpdatedBy, command.UpdatedIp)));
        Assert.True(first.UpdatedAt < second.UpdatedAt && second.UpdatedAt < third.UpdatedAt && third.UpdatedAt < fourth.UpdatedAt);
        Assert.Equal(("dora", "10.0.0.4", fourth.UpdatedAt), (data.UpdatedBy, data.UpdatedIp, data.UpdatedAt));
    }
}
