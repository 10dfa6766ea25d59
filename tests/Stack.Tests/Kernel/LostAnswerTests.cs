using Cqrs.Items;
using Cqrs.Publishing;

namespace StackTests.Kernel;

/// <summary>A connection that breaks: the client does not know whether the store did what it was asked. Conformance 20a, 39.</summary>
public sealed class LostAnswerTests(Stack stack)
{
    // Conformance 20a: the SDK repeats the request, and meets what it has written itself.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_the_answer_to_a_put_is_lost_the_publish_is_accepted_and_not_a_conflict(bool isUpdate)
    {
        await using var proxy = await DynamoDbProxy.StartAsync(stack.DynamoDbEndpoint);
        await using var kernel = await KernelHost.StartAsync(stack, proxy.Endpoint);
        var sk = Keys.GenerateSk();
        if (isUpdate)
        {
            await kernel.AcceptAsync(kernel.Input(sk));
        }

        kernel.Requests.Take();
        proxy.LoseOnce(Fate.LoseAnswer, "PutItem", "thing-command");
        var command = await kernel.AcceptAsync(kernel.Input(sk, isUpdate ? 1 : 0, "Lost"));

        Assert.Equal(isUpdate ? 2 : 1, command.Version);
        Assert.Equal(2, kernel.Requests.Take().Count(request => request == "PutItem thing-command"));
        Assert.Equal(command.WriteId, (await kernel.LogAsync(sk))[^1].WriteId);
        Assert.Equal(command.Version, (await kernel.LogAsync(sk)).Count);
    }

    // Conformance 20a.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_the_answer_to_a_transaction_is_lost_the_publish_is_accepted_and_not_a_conflict(bool isSync)
    {
        await using var proxy = await DynamoDbProxy.StartAsync(stack.DynamoDbEndpoint);
        await using var kernel = await KernelHost.StartAsync(stack, proxy.Endpoint);
        await kernel.AcceptAsync(kernel.Input("chair"), isSync);
        kernel.Requests.Take();

        proxy.LoseOnce(Fate.LoseAnswer, "TransactWriteItems", "thing-command");
        var command = await kernel.AcceptAsync(kernel.Input("chair", 1, "Lost") with { Code = "C-1" }, isSync);

        Assert.Equal(2, command.Version);
        Assert.Equal(2, kernel.Requests.Take().Count(request => request.StartsWith("TransactWriteItems", StringComparison.Ordinal)));
        Assert.Equal(2, (await kernel.LogAsync("chair")).Count);
        Assert.Equal(new() { ["C-1"] = kernel.Key("chair").Id }, await kernel.ReservationsAsync());
        if (isSync)
        {
            Assert.Equal(2, (await kernel.DataAsync("chair"))!.Version);
            Assert.Equal(2, kernel.Handler.Rows[kernel.Key("chair")].Version);
        }
    }

    // Another writer takes the next version while the first one's request is on its way, where it is lost.
    [Fact]
    public async Task A_lost_request_that_somebody_has_overtaken_is_a_conflict()
    {
        await using var proxy = await DynamoDbProxy.StartAsync(stack.DynamoDbEndpoint);
        await using var kernel = await KernelHost.StartAsync(stack, proxy.Endpoint);
        await using var other = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair"));
        var (isUnderWay, isOvertaken) = (new TaskCompletionSource(), new TaskCompletionSource());
        proxy.Decide = async (operation, _) =>
        {
            if (operation != "PutItem" || !isUnderWay.TrySetResult())
            {
                return Fate.Pass;
            }

            await isOvertaken.Task;
            return Fate.LoseRequest;
        };

        var mine = kernel.PublishAsync(kernel.Input("chair", 1, "Mine"));
        await isUnderWay.Task;
        await other.AcceptAsync(other.Input("chair", 1, "Theirs") with { Key = kernel.Key("chair"), TenantCode = kernel.Tenant });
        isOvertaken.SetResult();

        Assert.Equal(new PublishResult.Conflict(2), await mine);
        Assert.Equal("Theirs", (await kernel.LogAsync("chair"))[^1].Name);
    }

    // Conformance 39.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_no_request_reaches_the_store_nothing_of_the_publish_is_there(bool isSync)
    {
        await using var proxy = await DynamoDbProxy.StartAsync(stack.DynamoDbEndpoint);
        await using var kernel = await KernelHost.StartAsync(stack, proxy.Endpoint);
        proxy.Lose(Fate.LoseRequest, "PutItem", "TransactWriteItems");

        await Assert.ThrowsAnyAsync<Exception>(() => kernel.PublishAsync(kernel.Input("chair") with { Code = "C-1" }, isSync));

        Assert.Empty(await kernel.LogAsync("chair"));
        Assert.Empty(await kernel.ReservationsAsync());
        Assert.Null(await kernel.DataAsync("chair"));
        proxy.LetPass();
        Assert.Equal(1, (await kernel.AcceptAsync(kernel.Input("chair") with { Code = "C-1" }, isSync)).Version);
    }

    // Conformance 39: all answers are lost, so the caller gets an error; what is stored is whole.
    [Fact]
    public async Task When_every_answer_is_lost_the_publish_is_there_as_a_whole()
    {
        await using var proxy = await DynamoDbProxy.StartAsync(stack.DynamoDbEndpoint);
        await using var kernel = await KernelHost.StartAsync(stack, proxy.Endpoint);
        proxy.Lose(Fate.LoseAnswer, "TransactWriteItems");

        await Assert.ThrowsAnyAsync<Exception>(() => kernel.PublishAsync(kernel.Input("chair") with { Code = "C-1" }, isSync: true));

        Assert.Equal(1, Assert.Single(await kernel.LogAsync("chair")).Version);
        Assert.Equal(new() { ["C-1"] = kernel.Key("chair").Id }, await kernel.ReservationsAsync());
        Assert.Equal(1, (await kernel.DataAsync("chair"))!.Version);
        proxy.LetPass();
        await kernel.ProjectAsync(await kernel.LogAsync("chair"));
        Assert.Equal(1, kernel.Handler.Rows[kernel.Key("chair")].Version);
    }

    [Fact]
    public async Task A_session_write_that_fails_is_no_error_of_the_publish()
    {
        await using var proxy = await DynamoDbProxy.StartAsync(stack.DynamoDbEndpoint);
        await using var kernel = await KernelHost.StartAsync(stack, proxy.Endpoint);
        proxy.Decide = (_, body) => new(body.Contains($"{kernel.Tables.Session}\"", StringComparison.Ordinal) ? Fate.LoseRequest : Fate.Pass);

        Assert.Equal(1, (await kernel.AcceptAsync(kernel.Input("chair"))).Version);
    }

    // The worker: a batch that broke off is done again, and each part of it that was done before changes nothing.
    [Theory]
    [InlineData("BatchWriteItem", "thing-history", "LoseAnswer")]
    [InlineData("BatchWriteItem", "thing-history", "LoseRequest")]
    [InlineData("PutItem", "thing-data", "LoseAnswer")]
    [InlineData("PutItem", "thing-data", "LoseRequest")]
    public async Task A_projection_over_a_connection_that_breaks_ends_right(string operation, string table, string fate)
    {
        await using var proxy = await DynamoDbProxy.StartAsync(stack.DynamoDbEndpoint);
        await using var kernel = await KernelHost.StartAsync(stack, proxy.Endpoint);
        var commands = await kernel.AcceptManyAsync("chair", 3);

        proxy.LoseOnce(Enum.Parse<Fate>(fate), operation, table);
        await kernel.ProjectAsync(commands);

        Assert.Equal(3, (await kernel.DataAsync("chair"))!.Version);
        Assert.Equal([1, 2], (await kernel.HistoryAsync("chair")).Select(state => state.Version));
        Assert.Equal(3, kernel.Handler.Rows[kernel.Key("chair")].Version);
    }
}
