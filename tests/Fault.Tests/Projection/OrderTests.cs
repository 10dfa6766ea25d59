using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace FaultTests.Projection;

/// <summary>Whatever arrives, in whatever order and how often, the read models end as the commands say.</summary>
[Collection(KernelCollection.Name)]
public sealed class OrderTests(Kernel kernel)
{
    private readonly ProductWriter _products = new(kernel.Parts, FaultStack.NewTenant());

    // 25
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Batches_that_are_shuffled_repeated_and_incomplete_make_the_same_rows_and_a_full_history(int seed)
    {
        var random = new Random(seed);
        var commands = new List<CommandModel>();
        for (var i = 0; i < 24; i++)
        {
            commands.Add(await _products.PublishAsync($"item-{random.Next(4)}", $"Name {i}", attributes: new JsonObject { ["price"] = i / 4m }));
        }

        // One in six never comes by itself, unless it is the last of its item.
        var lost = commands.Where(c => random.Next(6) == 0 && commands.Any(o => o.Id == c.Id && o.Version > c.Version)).ToList();
        var arriving = commands.Except(lost).Concat(commands.Except(lost).Where(_ => random.Next(3) == 0)).ToArray();
        random.Shuffle(arriving);
        for (var rest = arriving.AsEnumerable(); rest.Any();)
        {
            var size = random.Next(1, 9);
            await _products.ProjectAsync([.. rest.Take(size)]);
            rest = [.. rest.Skip(size)];
        }

        await _products.CheckAsync();
        await _products.ProjectAsync(commands);
        await _products.CheckAsync();
        Assert.Empty(await _products.ParkedAsync());
    }

    // 25
    [Fact]
    public async Task Version_three_that_comes_before_version_two_brings_it_along()
    {
        await _products.PublishAsync("a", "One");
        var second = await _products.PublishAsync("a", "Two");
        var third = await _products.PublishAsync("a", "Three");

        await _products.ProjectAsync(third);
        await _products.CheckAsync();
        await _products.ProjectAsync(second);
        await _products.CheckAsync();
    }

    // 25, by many at once
    [Fact]
    public async Task Ten_projections_of_the_same_commands_at_once_make_what_one_makes()
    {
        var commands = new List<CommandModel>();
        for (var i = 0; i < 30; i++)
        {
            commands.Add(await _products.PublishAsync($"item-{i % 3}", $"Name {i}"));
        }

        await Task.WhenAll(Enumerable.Range(0, 10).Select(seed => Task.Run(async () =>
        {
            var mine = commands.ToArray();
            new Random(seed).Shuffle(mine);
            foreach (var batch in mine.Chunk(7))
            {
                await _products.ProjectAsync(batch);
            }
        })));

        await _products.CheckAsync();
        Assert.Empty(await _products.ParkedAsync());
    }

    // 26
    [Fact]
    public async Task Fifty_versions_in_one_batch_make_one_row_and_forty_nine_of_history()
    {
        var commands = new List<CommandModel>();
        for (var i = 1; i <= 50; i++)
        {
            commands.Add(await _products.PublishAsync("a", $"Name {i}"));
        }

        await _products.ProjectAsync(commands);

        await _products.CheckAsync();
        Assert.Equal(1, await kernel.Parts.Postgres.CountAsync(_products.Tenant));
        Assert.Equal(49, (await kernel.Parts.Oracle.DumpAsync(_products.Tenant)).Count(line => line.Contains("-history:", StringComparison.Ordinal)));
        Assert.Equal(50, ReadModel.VersionOf(await kernel.Parts.Postgres.RowAsync(_products.Key("a").Id)));
    }

    // 27
    [Fact]
    public async Task A_deleted_item_keeps_its_row_marked_until_it_is_restored()
    {
        await _products.ProjectAsync(await _products.PublishAsync("a", "Name"));
        await _products.ProjectAsync(await _products.PublishAsync("a", "Name", isDeleted: true));

        await _products.CheckAsync();
        Assert.True((await kernel.Parts.Postgres.RowAsync(_products.Key("a").Id))!["is_deleted"]!.GetValue<bool>());

        await _products.ProjectAsync(await _products.PublishAsync("a", "Name"));
        await _products.CheckAsync();
        Assert.False((await kernel.Parts.Postgres.RowAsync(_products.Key("a").Id))!["is_deleted"]!.GetValue<bool>());
    }

    // 28
    [Fact]
    public async Task An_attribute_that_an_update_leaves_out_is_null_in_Postgres()
    {
        await _products.ProjectAsync(await _products.PublishAsync(
            "a", "Name", attributes: (JsonObject)JsonNode.Parse("""{"category":"c","price":1,"description":"d","specification":{"weight":"1 kg"}}""")!));
        await _products.ProjectAsync(await _products.PublishAsync("a", "Name", attributes: []));

        var row = (await kernel.Parts.Postgres.RowAsync(_products.Key("a").Id))!;
        Assert.All(new[] { "category", "price", "description", "specification" }, column => Assert.Null(row[column]));
        await _products.CheckAsync();
    }

    // 30
    [Fact]
    public async Task A_command_that_comes_late_changes_nothing_and_alarms_nobody()
    {
        var commands = new List<CommandModel>();
        for (var i = 1; i <= 7; i++)
        {
            commands.Add(await _products.PublishAsync("a", $"Name {i}"));
        }

        await _products.ProjectAsync(commands);
        var before = await kernel.Parts.Oracle.DumpAsync(_products.Tenant);
        var logged = kernel.Parts.Log.Lines.Count;

        await _products.ProjectAsync(commands[4]);

        Assert.Equal(before, await kernel.Parts.Oracle.DumpAsync(_products.Tenant));
        Assert.Empty(kernel.Parts.Alarms.About(_products.Key("a")));
        Assert.DoesNotContain(
            kernel.Parts.Log.Lines.Skip(logged),
            line => (line.StartsWith("Warning", StringComparison.Ordinal) || line.StartsWith("Error", StringComparison.Ordinal))
                && line.Contains(_products.Tenant, StringComparison.Ordinal));
    }

    // 30: one that is not in the command table any more is passed over, with a warning
    [Fact]
    public async Task A_predecessor_that_is_nowhere_to_be_found_is_passed_over()
    {
        var first = await _products.PublishAsync("a", "One");
        await _products.PublishAsync("a", "Two");
        var third = await _products.PublishAsync("a", "Three");
        await kernel.Parts.Dynamo.DeleteItemAsync(
            kernel.Parts.Place.Tables.Command(FaultStack.Module), ItemFormat.ToKey(first.Pk, "a@2"), TestContext.Current.CancellationToken);

        await _products.ProjectAsync(first, third);

        Assert.Equal(3, ReadModel.VersionOf(await kernel.Parts.Postgres.RowAsync(_products.Key("a").Id)));
        Assert.Contains(kernel.Parts.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains($"{first.Id} version 2", StringComparison.Ordinal));
    }

    // 31
    [Fact]
    public async Task Records_that_are_no_new_commands_change_nothing_and_those_beside_them_are_projected()
    {
        var command = await _products.PublishAsync("a", "Right");
        var item = ItemFormat.ToItem(command);
        var altered = ItemFormat.ToItem(command with { Name = "Altered" });
        Dictionary<string, AttributeValue> With(string sk, string name, AttributeValue? value)
        {
            var changed = new Dictionary<string, AttributeValue>(item) { ["sk"] = new(sk), ["id"] = new($"{command.Pk}#{sk.Split('@')[0]}") };
            if (value is null)
            {
                changed.Remove(name);
            }
            else
            {
                changed[name] = value;
            }

            return changed;
        }

        var strange = new List<Record>
        {
            Records.New("MODIFY", command.Pk, command.Sk, altered),
            Records.New("REMOVE", command.Pk, "never@1", null),
            Records.New("INSERT", command.Pk, "x@1", null),
            Records.New("UNKNOWN", command.Pk, command.Sk, altered),
            Records.New("INSERT", command.Pk, command.Sk, ItemFormat.ToKey(command.Pk, command.Sk)),
            Records.Insert(With("no-version", "name", new("x"))),
            Records.Insert(With("zero@0", "version", new() { N = "0" })),
            Records.Insert(With("text@one", "version", new() { N = "1" })),
            Records.Insert(With("b@2", "version", new() { N = "3" })),
            Records.Insert(With("c@1", "version", new("1"))),
            Records.Insert(With("d@1", "version", new() { N = "1E50" })),
            Records.Insert(With("e@1", "name", null)),
            Records.Insert(With("f@1", "name", new() { N = "7" })),
            Records.Insert(With("g@1", "updatedAt", new("yesterday"))),
            Records.Insert(With("h@1", "id", new("PRODUCT#other#h"))),
            Records.Insert(ItemFormat.ToKey("junk", "i@1")),
            new("1", "INSERT", new(new() { ["key"] = new("j@1") }, item, "1")),
            new("2", "INSERT", new(new() { ["pk"] = new() { N = "1" }, ["sk"] = new() { N = "1" } }, item, "2")),
        };

        await _products.ProjectRecordsAsync([.. strange, Records.Insert(command), .. strange]);

        await _products.CheckAsync();
        Assert.Equal("Right", (await kernel.Parts.Postgres.RowAsync(command.Id))!["name"]!.GetValue<string>());
    }

    // 31: commands that can be read, and that a store refuses, written by something else than this code
    [Fact]
    public async Task A_command_that_a_read_model_cannot_hold_is_parked_and_those_beside_it_are_projected()
    {
        var good = await _products.PublishAsync("good", "Good");
        var foreign = new[]
        {
            good with { Sk = "nul@1", Id = _products.Key("nul").Id, Code = "nul", Name = "a\0b" },
            good with { Sk = "jsonb@1", Id = _products.Key("jsonb").Id, Code = "jsonb", Attributes = (JsonObject)JsonNode.Parse("""{"specification":{"weight":"\u0000"}}""")! },
            good with { Sk = "huge@1", Id = _products.Key("huge").Id, Code = "huge", Attributes = (JsonObject)JsonNode.Parse("""{"price":"not a number","category":7}""")! },
        };

        foreach (var command in foreign)
        {
            await kernel.Parts.Dynamo.PutItemAsync(
                kernel.Parts.Place.Tables.Command(FaultStack.Module), ItemFormat.ToItem(command), TestContext.Current.CancellationToken);
        }

        await _products.ProjectRecordsAsync([Records.Insert(foreign[0]), Records.Insert(good), Records.Insert(foreign[1]), Records.Insert(foreign[2])]);

        Assert.NotNull(await kernel.Parts.Postgres.RowAsync(good.Id));
        Assert.Null((await kernel.Parts.Postgres.RowAsync(foreign[2].Id))!["price"]);
        var parked = await _products.ParkedAsync();
        Assert.Equal(["jsonb@1", "nul@1"], parked.Select(p => p.Command!.Sk).Order());
        Assert.All(parked, p => Assert.Single(kernel.Parts.Alarms.About(p.Command!.Key)));
    }

    // All over the planes, so that nothing of it can be compressed: an index of Postgres has room for 2,704 bytes in an entry.
    [Fact]
    public async Task Texts_that_are_as_long_as_they_may_be_are_projected_and_found()
    {
        var random = new Random(7);
        string Text(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => new Rune(random.Next(0x10000, 0x110000)).ToString()));
        var stack = kernel.Stack;
        var client = await stack.ClientAsync($"t-{Guid.NewGuid():N}{Guid.NewGuid():N}"[..64]);
        var (sk, code, name, category) = (Text(200), Text(200), Text(500), Text(200));

        (await client.PostAsync(new { sk, code, name, attributes = new { category } })).Is(HttpStatusCode.Created);
        await stack.Postgres.RowAsync(client.IdOf(sk), 1);

        foreach (var query in new[] { $"code={Uri.EscapeDataString(code)}", $"category={Uri.EscapeDataString(category)}", "orderBys=name" })
        {
            var found = (await client.SearchAsync($"?{query}")).Is(HttpStatusCode.OK);
            Assert.Equal(name, Assert.Single(found.Items)!["name"]!.GetValue<string>());
        }
    }

    // 31: what is asked of Postgres about many goes on for the others
    [Fact]
    public async Task A_command_whose_key_Postgres_cannot_hold_is_parked_and_keeps_no_other_on_the_list_or_missing()
    {
        var first = await _products.PublishAsync("good", "Good");
        var good = await _products.PublishAsync("good", "Better");
        var foreign = first with { Sk = "a\0b@1", Id = _products.Key("a\0b").Id, Code = "foreign" };
        await _products.ProjectAsync(foreign, first with { Name = "a\0b" });
        Assert.Equal(2, (await _products.ParkedAsync()).Count);

        var projector = kernel.Parts.Projector;
        Assert.Equal([foreign, good], await projector.FindMissingAsync([foreign, good], TestContext.Current.CancellationToken));
        await _products.ProjectAsync(good);
        await kernel.Parts.Services.GetParked().ResolveAppliedAsync(FaultStack.Module, TestContext.Current.CancellationToken);

        Assert.Equal(foreign.Id, Assert.Single(await _products.ParkedAsync()).Command!.Id);
    }

    // 31: attributes of types that this code never writes
    [Theory]
    [InlineData("SS")]
    [InlineData("B")]
    [InlineData("N")]
    public async Task An_attribute_of_a_foreign_type_stops_nothing(string type)
    {
        var good = await _products.PublishAsync("good", "Good");
        var item = ItemFormat.ToItem(good with { Sk = "foreign@1", Id = _products.Key("foreign").Id, Code = "foreign" });
        item["attributes"] = new AttributeValue
        {
            M = new()
            {
                ["x"] = type switch
                {
                    "SS" => new AttributeValue { SS = ["a", "b"] },
                    "B" => new AttributeValue { B = new MemoryStream([1, 2]) },
                    // More digits than a decimal has.
                    _ => new AttributeValue { N = "12345678901234567890123456789012345678" },
                },
            },
        };

        await _products.ProjectRecordsAsync([Records.Insert(item), Records.Insert(good)]);

        Assert.NotNull(await kernel.Parts.Postgres.RowAsync(good.Id));
    }
}
