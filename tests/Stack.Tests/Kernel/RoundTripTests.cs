using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Publishing;

namespace StackTests.Kernel;

/// <summary>What an operation costs in requests to the store: one publish is one write, whole or not at all. Conformance 24, 39.</summary>
public sealed class RoundTripTests(Stack stack)
{
    private const string Remember = "PutItem session";

    // With whether the item was purged lately.
    private const string Newest = "BatchGetItem thing-data+thing-unique";

    [Fact]
    public async Task A_create_with_a_generated_key_is_one_put()
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        await kernel.AcceptAsync(kernel.Input(Keys.GenerateSk()) with { HasChosenSk = false });

        Assert.Equal(["PutItem session", "PutItem thing-command"], kernel.Requests.Take().Order());
    }

    [Fact]
    public async Task Many_creates_at_once_share_the_requests_that_remember_them()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var inputs = Enumerable.Range(0, 60).Select(_ => kernel.Input(Keys.GenerateSk()) with { HasChosenSk = false }).ToList();

        await Task.WhenAll(inputs.Select(input => kernel.AcceptAsync(input)));

        var requests = kernel.Requests.Take().CountBy(request => request).ToDictionary();
        Assert.Equal(60, requests["PutItem thing-command"]);
        Assert.InRange(requests["BatchWriteItem session"], 3, 20);
        var user = new UserContext("anna", kernel.Tenant);
        foreach (var input in inputs)
        {
            Assert.NotNull(await kernel.Repository.GetAsync(input.Key, user, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_create_with_a_code_is_one_transaction()
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        await kernel.AcceptAsync(kernel.Input(Keys.GenerateSk()) with { Code = "C-1" });

        Assert.Equal(["TransactWriteItems thing-command+thing-unique", Remember], kernel.Requests.Take());
    }

    [Fact]
    public async Task An_update_is_one_read_and_one_put()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair"));
        kernel.Requests.Take();

        await kernel.AcceptAsync(kernel.Input("chair", 1, "2"));
        Assert.Equal(["GetItem thing-command", "PutItem thing-command", Remember], kernel.Requests.Take());

        KernelHost.Accepted(await kernel.PatchAsync("chair", 2, """{"name":"3"}"""));
        Assert.Equal(["GetItem thing-command", "PutItem thing-command", Remember], kernel.Requests.Take());
    }

    [Fact]
    public async Task An_update_of_the_newest_is_one_read_and_one_put_when_data_is_up_to_date()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("chair")));
        kernel.Requests.Take();

        await kernel.AcceptAsync(kernel.Input("chair", -1, "2"));

        Assert.Equal([Newest, "PutItem thing-command", Remember], kernel.Requests.Take());
    }

    [Fact]
    public async Task A_change_of_code_is_one_read_and_one_transaction()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair"));
        kernel.Requests.Take();

        await kernel.AcceptAsync(kernel.Input("chair", 1) with { Code = "C-1" });

        Assert.Equal(
            ["GetItem thing-command", "TransactWriteItems thing-command+thing-unique+thing-unique", Remember], kernel.Requests.Take());
    }

    [Fact]
    public async Task A_synchronous_publish_is_one_transaction_and_remembers_nothing()
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        await kernel.AcceptAsync(kernel.Input(Keys.GenerateSk()), isSync: true);
        Assert.Equal(["TransactWriteItems thing-command+thing-data"], kernel.Requests.Take());

        await kernel.AcceptAsync(kernel.Input("chair"), isSync: true);
        Assert.Equal(["TransactWriteItems thing-command+thing-unique+thing-data"], kernel.Requests.Take());

        await kernel.AcceptAsync(kernel.Input("chair", 1, "2"), isSync: true);
        Assert.Equal(
            ["BatchGetItem thing-command+thing-data", "TransactWriteItems thing-command+thing-data+thing-history"], kernel.Requests.Take());
    }

    [Fact]
    public async Task What_changes_nothing_writes_nothing()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("chair")));
        kernel.Requests.Take();

        Assert.IsType<PublishResult.Unchanged>(await kernel.PublishAsync(kernel.Input("chair", 1)));
        Assert.Equal(["GetItem thing-command", "BatchGetItem thing-command+thing-data"], kernel.Requests.Take());
        Assert.IsType<PublishResult.Unchanged>(await kernel.PublishAsync(kernel.Input("chair", -1)));
        Assert.Equal([Newest, Newest, "BatchGetItem thing-command"], kernel.Requests.Take());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(99)]
    public async Task What_is_wrong_on_top_of_every_state_is_refused_before_anything_is_read(long version)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("a"));
        kernel.Requests.Take();

        foreach (var input in new[] { kernel.Input("a@b", version), kernel.Input("", version), kernel.Input("a", version, ""), kernel.Input("a", version) with { Code = "" } })
        {
            Assert.IsType<PublishResult.Rejected>(await kernel.PublishAsync(input));
            Assert.IsType<PublishResult.Rejected>(await kernel.PublishAsync(input, isSync: true));
        }

        Assert.IsType<PublishResult.Rejected>(await kernel.PatchAsync("a@b", version, "{}"));
        Assert.Empty(kernel.Requests.Take());
    }

    [Fact]
    public async Task The_newest_of_a_few_pending_versions_comes_with_the_search_for_it()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptManyAsync("chair", 3);
        kernel.Requests.Take();

        Assert.Equal(3, (await kernel.Commands.GetNewestAsync(kernel.Key("chair"), TestContext.Current.CancellationToken))!.Version);
        Assert.Equal([Newest, "BatchGetItem thing-command"], kernel.Requests.Take());
    }

    [Fact]
    public async Task A_conflict_is_told_by_a_read_and_a_search()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptManyAsync("chair", 3);
        kernel.Requests.Take();

        Assert.Equal(new PublishResult.Conflict(3), await kernel.PublishAsync(kernel.Input("chair", 2, "Other")));
        Assert.Equal(
            ["GetItem thing-command", "PutItem thing-command", Newest, "BatchGetItem thing-command"], kernel.Requests.Take());
    }

    [Fact]
    public async Task History_is_read_at_once_as_far_as_it_is_applied_and_a_further_page_as_a_whole()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.ProjectAsync(await kernel.AcceptManyAsync("chair", 6));
        var token = TestContext.Current.CancellationToken;
        kernel.Requests.Take();

        Assert.Equal([6, 5, 4, 3], (await kernel.History.ListAsync(kernel.Key("chair"), 4, cancellationToken: token)).Select(command => command.Version));
        Assert.Equal(["BatchGetItem thing-data", "BatchGetItem thing-command", "BatchGetItem thing-command"], kernel.Requests.Take());
        Assert.Equal([2, 1], (await kernel.History.ListAsync(kernel.Key("chair"), 4, before: 3, token)).Select(command => command.Version));
        Assert.Equal(["BatchGetItem thing-command"], kernel.Requests.Take());

        await kernel.AcceptManyAsync("chair", 8, from: 7);
        Assert.Equal([8, 7, 6], (await kernel.History.ListAsync(kernel.Key("chair"), 3, cancellationToken: token)).Select(command => command.Version));
        Assert.Equal([8, 7], (await kernel.History.ListAsync(kernel.Key("chair"), 2, before: 20, token)).Select(command => command.Version));
    }

    [Fact]
    public async Task A_list_over_many_deleted_items_takes_a_few_queries()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var token = TestContext.Current.CancellationToken;
        foreach (var batch in Enumerable.Range(0, 420).Chunk(100))
        {
            var commands = await Task.WhenAll(batch.Select(i => kernel.AcceptAsync(
                kernel.Input($"s{i:000}") with { IsDeleted = i is not 0 and not 300 and not 419 }, options: kernel.By() with { RemembersWrite = false })));
            await kernel.ProjectAsync(commands);
        }

        kernel.Requests.Take();
        Assert.Equal("s000 s300, then after s300", await ListAsync(new ListPage(2)));
        Assert.InRange(kernel.Requests.Take().Count, 1, 5);
        Assert.Equal("s419, then after ", await ListAsync(new ListPage(2, "s300")));
        Assert.Equal("s419, then after s419", await ListAsync(new ListPage(1, IsDescending: true)));

        async Task<string> ListAsync(ListPage page)
        {
            var (items, lastSk) = await kernel.Data.ListAsync(kernel.Pk, page, token);
            return $"{string.Join(' ', items.Select(item => item.Sk))}, then after {lastSk}";
        }
    }

    [Fact]
    public async Task Finding_the_newest_of_thousands_of_versions_takes_a_few_reads()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptManyAsync("chair", 150);
        kernel.Requests.Take();

        Assert.Equal(new PublishResult.Conflict(150), await kernel.PublishAsync(kernel.Input("chair", 0)));

        Assert.InRange(kernel.Requests.Take().Count(request => request == "BatchGetItem thing-command"), 1, 4);
    }

    // Conformance 24.
    [Fact]
    public async Task Reads_cost_one_request_and_one_more_for_the_own_writes()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("chair")));
        var (user, token) = (new UserContext("ben", kernel.Tenant), TestContext.Current.CancellationToken);
        kernel.Requests.Take();

        Assert.NotNull(await kernel.Data.GetAsync(kernel.Key("chair"), token));
        Assert.Equal(["GetItem thing-data"], kernel.Requests.Take());
        Assert.NotNull(await kernel.Repository.GetAsync(kernel.Key("chair"), user, token));
        Assert.Equal(["BatchGetItem thing-data+session"], kernel.Requests.Take());
        Assert.Single((await kernel.Repository.ListAsync(kernel.Pk, new ListPage(10), user, token)).Items);
        Assert.Equal(["Query session", "Query thing-data"], kernel.Requests.Take().Order());
    }

    [Fact]
    public async Task What_was_remembered_of_a_bulk_is_forgotten_beside_the_searches_a_few_at_a_time()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var (user, token) = (new UserContext("anna", kernel.Tenant), TestContext.Current.CancellationToken);
        var inputs = Enumerable.Range(0, 60).Select(_ => kernel.Input(Keys.GenerateSk()) with { HasChosenSk = false }).ToList();
        var commands = await Task.WhenAll(inputs.Select(input => kernel.AcceptAsync(input)));
        await kernel.ProjectAsync(commands);
        kernel.Requests.Take();

        Assert.Empty(await SearchAsync());
        Assert.InRange(kernel.Requests.Take().Count, 1, 27);
        await Eventually.GetAsync("some are forgotten", RememberedAsync, count => count == 35);

        // Nothing is forgotten that is not shown yet, or was written again.
        await kernel.AcceptAsync(kernel.Input(inputs[^1].Key.Sk, 1, "Changed"));
        await Eventually.GetAsync(
            "all others are forgotten",
            async () =>
            {
                Assert.Equal(2, Assert.Single(await SearchAsync()).Version);
                return await RememberedAsync();
            },
            count => count == 1);

        // The target of the search has every first version.
        Task<IReadOnlyList<KeyVersion>> SearchAsync() => kernel.Repository.GetPendingAsync(
            kernel.Pk, user, (keys, _) => Task.FromResult<IReadOnlyDictionary<ItemKey, long>>(keys.ToDictionary(key => key, _ => 1L)), token);

        async Task<int> RememberedAsync() =>
            (await kernel.QueryAsync(kernel.Tables.Session, $"thing#{kernel.Pk}#", $"anna#{kernel.Tenant}")).Count;
    }

    [Fact]
    public async Task Projecting_a_batch_costs_one_write_of_data_for_each_item_and_batches_of_history()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var commands = new List<CommandModel>();
        for (var i = 0; i < 10; i++)
        {
            commands.AddRange(await kernel.AcceptManyAsync($"chair-{i}", 3));
        }

        kernel.Requests.Take();
        await kernel.ProjectAsync(commands);

        Assert.Equal(
            [("BatchWriteItem thing-history", 1), ("PutItem thing-data", 10)],
            kernel.Requests.Take().CountBy(request => request).Select(r => (r.Key, r.Value)).Order());
    }
}
