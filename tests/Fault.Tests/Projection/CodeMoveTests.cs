using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Purging;

namespace FaultTests.Projection;

/// <summary>Codes move between items, and the commands that say so arrive in any order. 20b.</summary>
[Collection(KernelCollection.Name)]
public sealed class CodeMoveTests(Kernel kernel)
{
    private readonly ProductWriter _products = new(kernel.Parts, FaultStack.NewTenant());

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_code_that_one_item_gives_up_and_another_takes_ends_at_the_other(bool takerFirst, bool inOneBatch)
    {
        await _products.ProjectAsync(await _products.PublishAsync("a", "A", "wanted"), await _products.PublishAsync("b", "B", "plain"));
        var giver = await _products.PublishAsync("a", "A", "given-up");
        var taker = await _products.PublishAsync("b", "B", "wanted");

        await ProjectAsync(takerFirst ? [taker, giver] : [giver, taker], inOneBatch);

        await EndsWellAsync();
        Assert.Equal("wanted", (await kernel.Parts.Postgres.RowAsync(taker.Id))!["code"]!.GetValue<string>());
    }

    // A purge frees the code first, and deletes the commands last.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_code_that_a_purge_has_freed_can_be_taken_while_the_purge_goes_on(bool inOneBatch)
    {
        var purged = await _products.PublishAsync("a", "A", "wanted");
        await ProjectAsync(inOneBatch ? [] : [purged], inOneBatch: false);
        await kernel.Parts.Dynamo.DeleteItemAsync(
            kernel.Parts.Place.Tables.Unique(FaultStack.Module), Reservations.Key(purged.Pk, "wanted"), TestContext.Current.CancellationToken);
        var taker = await _products.PublishAsync("b", "B", "wanted");

        await ProjectAsync(inOneBatch ? [purged, taker] : [taker], inOneBatch);
        Assert.Empty(await _products.ParkedAsync());
        Assert.Equal("wanted", (await kernel.Parts.Postgres.RowAsync(taker.Id))!["code"]!.GetValue<string>());

        await kernel.Parts.Of<PurgeService>().PurgeAsync(purged.Key, TestContext.Current.CancellationToken);
        await _products.ProjectRecordsAsync(Records.Remove(purged));
        await EndsWellAsync();
    }

    [Fact]
    public async Task Two_items_that_swap_their_codes_end_right_in_every_order()
    {
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        foreach (var inOneBatch in new[] { true, false })
        {
            foreach (var order in orders)
            {
                var products = new ProductWriter(kernel.Parts, FaultStack.NewTenant());
                await products.ProjectAsync(await products.PublishAsync("a", "A", "one"), await products.PublishAsync("b", "B", "two"));
                var moves = new[]
                {
                    await products.PublishAsync("a", "A", "aside"),
                    await products.PublishAsync("b", "B", "one"),
                    await products.PublishAsync("a", "A", "two"),
                };

                await ProjectAsync(products, [.. order.Select(i => moves[i])], inOneBatch);

                await EndsWellAsync(products);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Codes_that_go_round_among_many_items_end_where_the_commands_say(int seed)
    {
        const int Items = 6;
        var random = new Random(seed);
        var codes = Enumerable.Range(0, Items).Select(i => $"code-{i}").ToArray();
        var commands = new List<CommandModel>();
        for (var i = 0; i < Items; i++)
        {
            commands.Add(await _products.PublishAsync($"item-{i}", $"Item {i}", codes[i]));
        }

        await _products.ProjectAsync(commands);
        commands.Clear();
        for (var round = 0; round < 5; round++)
        {
            var (one, other) = (random.Next(Items), random.Next(Items));
            if (one == other)
            {
                continue;
            }

            commands.Add(await _products.PublishAsync($"item-{one}", $"Item {one}", $"aside-{round}"));
            commands.Add(await _products.PublishAsync($"item-{other}", $"Item {other}", codes[one]));
            commands.Add(await _products.PublishAsync($"item-{one}", $"Item {one}", codes[other]));
            (codes[one], codes[other]) = (codes[other], codes[one]);
        }

        var arriving = commands.ToArray();
        random.Shuffle(arriving);
        foreach (var batch in arriving.Chunk(random.Next(1, 5)))
        {
            await _products.ProjectAsync(batch);
            Assert.Empty(await _products.ParkedAsync());
        }

        await EndsWellAsync();
    }

    [Fact]
    public async Task A_chain_of_many_who_each_take_the_code_of_the_next_ends_right_whichever_of_them_comes_alone()
    {
        const int Items = 30;
        var commands = new List<CommandModel>();
        for (var i = 0; i < Items; i++)
        {
            commands.Add(await _products.PublishAsync($"item-{i}", "Before", $"code-{i}"));
        }

        await _products.ProjectAsync(commands);
        commands.Clear();
        for (var i = Items - 1; i >= 0; i--)
        {
            commands.Add(await _products.PublishAsync($"item-{i}", "After", $"code-{i + 1}"));
        }

        await _products.ProjectAsync(commands[^1]);

        Assert.Equal("code-1", (await kernel.Parts.Postgres.RowAsync(_products.Key("item-0").Id))!["code"]!.GetValue<string>());
        await _products.ProjectAsync(commands);
        await EndsWellAsync();
    }

    // The one who takes the code is new, and the one who gives it up is deleted.
    [Fact]
    public async Task A_new_item_may_have_the_code_that_a_deleted_one_has_changed()
    {
        await _products.ProjectAsync(await _products.PublishAsync("old", "Old", "wanted"));
        var old = await _products.PublishAsync("old", "Old", "other", isDeleted: true);
        var taker = await _products.PublishAsync("new", "New", "wanted");

        await _products.ProjectAsync(taker);
        await _products.ProjectAsync(old);

        await EndsWellAsync();
    }

    private Task ProjectAsync(CommandModel[] commands, bool inOneBatch) => ProjectAsync(_products, commands, inOneBatch);

    private static async Task ProjectAsync(ProductWriter products, CommandModel[] commands, bool inOneBatch)
    {
        foreach (var batch in commands.Chunk(inOneBatch ? commands.Length : 1))
        {
            await products.ProjectAsync(batch);
            Assert.Empty(await products.ParkedAsync());
        }
    }

    private Task EndsWellAsync() => EndsWellAsync(_products);

    private async Task EndsWellAsync(ProductWriter products)
    {
        await products.CheckAsync();
        Assert.Empty(await products.ParkedAsync());
        Assert.DoesNotContain(kernel.Parts.Alarms.Raised, alarm => alarm.Message.Contains(products.Tenant, StringComparison.Ordinal));
    }
}
