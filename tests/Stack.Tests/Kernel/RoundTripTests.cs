using Cqrs;

namespace StackTests.Kernel;

/// <summary>What an operation costs in requests to the store: one publish is one write, whole or not at all. Conformance 24, 39.</summary>
public sealed class RoundTripTests(Stack stack)
{
    private const string Remember = "PutItem session";

    [Fact]
    public async Task A_create_with_a_generated_key_is_one_put()
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        await kernel.AcceptAsync(kernel.Input(Keys.GenerateSk()) with { HasChosenSk = false });

        Assert.Equal(["BatchWriteItem session", "PutItem thing-command"], kernel.Requests.Take().Order());
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
        Assert.Equal(["BatchGetItem thing-command", "PutItem thing-command", Remember], kernel.Requests.Take());

        KernelHost.Accepted(await kernel.PatchAsync("chair", 2, """{"name":"3"}"""));
        Assert.Equal(["BatchGetItem thing-command", "PutItem thing-command", Remember], kernel.Requests.Take());
    }

    [Fact]
    public async Task An_update_of_the_newest_is_one_read_and_one_put_when_data_is_up_to_date()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("chair")));
        kernel.Requests.Take();

        await kernel.AcceptAsync(kernel.Input("chair", -1, "2"));

        Assert.Equal(["GetItem thing-data", "PutItem thing-command", Remember], kernel.Requests.Take());
    }

    [Fact]
    public async Task A_change_of_code_is_one_read_and_one_transaction()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair"));
        kernel.Requests.Take();

        await kernel.AcceptAsync(kernel.Input("chair", 1) with { Code = "C-1" });

        Assert.Equal(
            ["BatchGetItem thing-command", "TransactWriteItems thing-command+thing-unique+thing-unique", Remember], kernel.Requests.Take());
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
        await kernel.AcceptAsync(kernel.Input("chair"));
        kernel.Requests.Take();

        Assert.IsType<PublishResult.Unchanged>(await kernel.PublishAsync(kernel.Input("chair", 1)));
        Assert.Equal(["BatchGetItem thing-command"], kernel.Requests.Take());
        Assert.IsType<PublishResult.Rejected>(await kernel.PublishAsync(kernel.Input("a@b")));
        Assert.Empty(kernel.Requests.Take());
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
