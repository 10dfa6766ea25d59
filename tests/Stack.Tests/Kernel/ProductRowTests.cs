using System.Text.Json.Nodes;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Publishing;

namespace StackTests.Kernel;

/// <summary>The handler that keeps the table of products: the real one, on the real Postgres, handed commands in orders of a test's choice.</summary>
public sealed class ProductRowTests(Stack stack)
{
    private const string Full = """
        {"category":"Furniture","price":12.50,"description":"A chair","specification":{"weight":"3 kg","dimensions":"1x1"}}
        """;

    [Fact]
    public async Task A_command_becomes_a_row_with_every_column()
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var ttl = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds();
        var first = await kernel.AcceptAsync(kernel.Input("chair") with { Code = "C-1" }, options: kernel.By("anna", "10.0.0.1"));
        var second = await kernel.AcceptAsync(
            kernel.Input("chair", 1, "Chair", Full) with { Seq = 7, Ttl = ttl }, options: kernel.By("ben", "10.0.0.2"));

        await kernel.ProjectAsync(first, second);

        var row = (await RowAsync(kernel, "chair"))!;
        var expected = JsonNode.Parse($$"""
            {"id":"{{kernel.Pk}}#chair","cpk":"{{kernel.Pk}}","csk":"chair@2","pk":"{{kernel.Pk}}","sk":"chair","code":"C-1","name":"Chair",
            "type":"PRODUCT","seq":7,"category":"Furniture","price":12.50,"description":"A chair",
            "specification":{"weight":"3 kg","dimensions":"1x1"},"tenant_code":"{{kernel.Tenant}}","version":2,"is_deleted":false,
            "source":"[product]:KernelHost.By","request_id":"{{second.RequestId}}","created_by":"anna","created_ip":"10.0.0.1",
            "updated_by":"ben","updated_ip":"10.0.0.2"}
            """)!.AsObject();
        foreach (var (column, time) in new[]
        {
            ("created_at", first.UpdatedAt), ("updated_at", second.UpdatedAt), ("expires_at", DateTimeOffset.FromUnixTimeSeconds(ttl)),
        })
        {
            Assert.Equal(time, DateTimeOffset.Parse(row[column]!.GetValue<string>()));
            row.Remove(column);
        }

        Assert.True(JsonNode.DeepEquals(expected, row), row.ToJsonString());
    }

    // Conformance 28.
    [Fact]
    public async Task An_attribute_that_an_update_leaves_out_is_null_afterwards()
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var first = await kernel.AcceptAsync(kernel.Input("chair", 0, "Chair", Full) with { Seq = 1, Ttl = 4_000_000_000 });
        await kernel.ProjectAsync(first);

        var second = await kernel.AcceptAsync(kernel.Input("chair", 1) with { ClearTtl = true });
        await kernel.ProjectAsync(second);

        var row = (await RowAsync(kernel, "chair"))!;
        Assert.All(["seq", "category", "price", "description", "specification", "expires_at"], column => Assert.Null(row[column]));
    }

    // As a synchronous publish and the worker do: in Postgres one of them may meet the other's row in an index of which ON CONFLICT knows nothing.
    [Fact]
    public async Task Two_who_write_a_new_row_at_the_same_moment_both_succeed()
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var sample = await kernel.AcceptAsync(kernel.Input("sample"));
        var handler = kernel.Of<Projector>().Handlers[0];
        for (var round = 0; round < 400; round++)
        {
            var command = sample with { Id = kernel.Key($"chair-{round}").Id, Sk = $"chair-{round}@1", Code = $"chair-{round}" };
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => handler.UpAsync([command], TestContext.Current.CancellationToken))));
        }

        Assert.Equal(400, await stack.Postgres.CountAsync(kernel.Tenant));
    }

    // Conformance 25, 26, 30.
    [Theory]
    [InlineData("1 2 3 4 5 6")]
    [InlineData("6 5 4 3 2 1")]
    [InlineData("3 | 2 | 1 | 6 | 5 | 4 | 6")]
    [InlineData("6 | 1 2 3")]
    public async Task Commands_in_any_order_end_in_one_row_at_the_newest_version(string batches)
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var commands = await kernel.AcceptManyAsync("chair", 6);

        var versions = new List<long>();
        foreach (var batch in batches.Split('|', StringSplitOptions.TrimEntries))
        {
            await kernel.ProjectAsync([.. batch.Split(' ').Select(version => commands[int.Parse(version) - 1])]);
            versions.Add(ReadModel.VersionOf(await RowAsync(kernel, "chair")));
        }

        Assert.Equal(6, versions[^1]);
        Assert.Equal(versions.Order(), versions);
        Assert.Equal(1, await stack.Postgres.CountAsync(kernel.Tenant));
    }

    [Fact]
    public async Task Workers_that_write_the_same_rows_at_once_do_not_lock_each_other_out()
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var commands = new List<CommandModel>();
        foreach (var i in Enumerable.Range(0, 20))
        {
            commands.AddRange(await kernel.AcceptManyAsync($"s{i}", 3));
        }

        var random = new Random(11);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ =>
        {
            var shuffled = commands.ToArray();
            random.Shuffle(shuffled);
            return Task.Run(async () =>
            {
                foreach (var batch in shuffled.Chunk(15))
                {
                    await kernel.ProjectAsync(batch);
                }
            });
        }));

        Assert.Equal(20, await stack.Postgres.CountAsync(kernel.Tenant));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal($"s{i} 3", (await RowAsync(kernel, $"s{i}"))!["name"]!.GetValue<string>());
        }

        await AssertNothingIsParkedAsync(kernel);
    }

    // Conformance 20b.
    [Theory]
    [InlineData("a1 a2 b1")]
    [InlineData("b1 a2 a1")]
    [InlineData("a1 | a2 b1")]
    [InlineData("a1 | b1 a2")]
    [InlineData("a1 | b1 | a2")]
    [InlineData("a1 | a2 | b1")]
    [InlineData("b1 | a1 | a2")]
    public async Task A_code_moves_from_one_item_to_another_in_any_order_of_the_batches(string batches)
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var commands = new Dictionary<string, CommandModel>
        {
            ["a1"] = await kernel.AcceptAsync(kernel.Input("a") with { Code = "X" }),
            ["a2"] = await kernel.AcceptAsync(kernel.Input("a", 1) with { Code = "Y" }),
            ["b1"] = await kernel.AcceptAsync(kernel.Input("b") with { Code = "X" }),
        };

        await ProjectAsync(kernel, commands, batches);

        Assert.Equal(("Y", "X"), (await CodeAsync(kernel, "a"), await CodeAsync(kernel, "b")));
        await AssertNothingIsParkedAsync(kernel);
    }

    // Conformance 20b.
    [Theory]
    [InlineData("a1 b1 a2 b2 a3")]
    [InlineData("a1 b1 | a2 | b2 | a3")]
    [InlineData("a1 b1 | a3 | b2 | a2")]
    [InlineData("a1 b1 | b2 | a2 | a3")]
    [InlineData("a1 b1 | b2 a2 | a3")]
    [InlineData("b1 | b2 | a3")]
    public async Task Two_items_swap_their_codes(string batches)
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var commands = new Dictionary<string, CommandModel>
        {
            ["a1"] = await kernel.AcceptAsync(kernel.Input("a") with { Code = "X" }),
            ["b1"] = await kernel.AcceptAsync(kernel.Input("b") with { Code = "Y" }),
            ["a2"] = await kernel.AcceptAsync(kernel.Input("a", 1) with { Code = "Z" }),
            ["b2"] = await kernel.AcceptAsync(kernel.Input("b", 1) with { Code = "X" }),
            ["a3"] = await kernel.AcceptAsync(kernel.Input("a", 2) with { Code = "Y" }),
        };

        await ProjectAsync(kernel, commands, batches);

        Assert.Equal(("Y", "X"), (await CodeAsync(kernel, "a"), await CodeAsync(kernel, "b")));
        await AssertNothingIsParkedAsync(kernel);
    }

    // Conformance 20b: many moves among a few items, seeded.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Codes_that_wander_among_items_end_where_they_were_published(int seed)
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var random = new Random(seed);
        var commands = new List<CommandModel>();
        for (var i = 0; i < 40; i++)
        {
            var sk = $"s{random.Next(5)}";
            var input = kernel.Input(sk, -1, $"Name {i}") with { Code = $"code {random.Next(6)}" };
            if (await kernel.PublishAsync(input, isSync: random.Next(6) == 0) is PublishResult.Accepted(var command))
            {
                commands.Add(command);
            }
        }

        Assert.InRange(commands.Count, 12, 40);
        var shuffled = commands.ToArray();
        random.Shuffle(shuffled);
        foreach (var batch in shuffled.Chunk(1 + random.Next(6)))
        {
            await kernel.ProjectAsync(batch);
        }

        foreach (var newest in commands.GroupBy(command => command.Key).Select(group => group.MaxBy(command => command.Version)!))
        {
            var row = await RowAsync(kernel, newest.Key.Sk);
            Assert.Equal((newest.Version, newest.Code, newest.Name), (ReadModel.VersionOf(row), row!["code"]!.GetValue<string>(), row["name"]!.GetValue<string>()));
        }

        await AssertNothingIsParkedAsync(kernel);
    }

    // Attributes that older code or another program wrote must not keep the row from following the item.
    [Fact]
    public async Task Attributes_of_another_type_than_the_columns_read_as_absent()
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var command = await kernel.AcceptAsync(
            kernel.Input("chair", 0, "Chair", """{"category":7,"price":"cheap","description":{"a":1},"specification":"big","more":[1]}"""));

        await kernel.ProjectAsync(command);

        var row = (await RowAsync(kernel, "chair"))!;
        Assert.All(["category", "price", "description", "specification"], column => Assert.Null(row[column]));
        await AssertNothingIsParkedAsync(kernel);
    }

    [Fact]
    public async Task A_time_to_live_beyond_the_calendar_never_comes()
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);

        // It cannot be published, but older code could.
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("chair")) with { Ttl = long.MaxValue });

        Assert.Equal(1, ReadModel.VersionOf(await RowAsync(kernel, "chair")));
        await AssertNothingIsParkedAsync(kernel);
    }

    private static async Task ProjectAsync(KernelHost kernel, Dictionary<string, CommandModel> commands, string batches)
    {
        foreach (var batch in batches.Split('|', StringSplitOptions.TrimEntries))
        {
            await kernel.ProjectAsync([.. batch.Split(' ').Select(name => commands[name])]);
        }
    }

    private static async Task AssertNothingIsParkedAsync(KernelHost kernel) =>
        Assert.DoesNotContain(
            await kernel.Parked.ReadUnresolvedAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken), parked => parked.Command!.TenantCode == kernel.Tenant);

    private Task<JsonObject?> RowAsync(KernelHost kernel, string sk) => stack.Postgres.RowAsync(kernel.Key(sk).Id);

    private async Task<string?> CodeAsync(KernelHost kernel, string sk) => (await RowAsync(kernel, sk))?["code"]?.GetValue<string>();
}
