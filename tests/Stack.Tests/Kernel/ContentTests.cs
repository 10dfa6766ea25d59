using System.Globalization;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Publishing;

namespace StackTests.Kernel;

/// <summary>What may be in a key and in a state, to the real store and back.</summary>
public sealed class ContentTests(Stack stack)
{
    // Conformance 17.
    [Theory]
    [InlineData("#")]
    [InlineData("a/b")]
    [InlineData("%41")]
    [InlineData(" a b ")]
    [InlineData("...")]
    [InlineData("Stuhl-äöü-椅子-🪑")]
    [InlineData("e\u0301")]
    public async Task A_sort_key_with_any_visible_character_goes_all_the_way(string sk)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var first = await kernel.AcceptAsync(kernel.Input(sk));
        var second = await kernel.AcceptAsync(kernel.Input(sk, -1, "2"), isSync: true);
        await kernel.ProjectAsync(first, second);

        Assert.Equal([1, 2], (await kernel.LogAsync(sk)).Select(command => command.Version));
        Assert.Equal((sk, 2L), await kernel.DataAsync(sk) is { } data ? (data.Sk, data.Version) : default);
        Assert.Equal(1, Assert.Single(await kernel.HistoryAsync(sk)).Version);
        Assert.Equal(2, kernel.Handler.Rows[kernel.Key(sk)].Version);
    }

    // Conformance 17.
    [Fact]
    public async Task A_sort_key_of_the_longest_kind_goes_all_the_way_and_a_longer_one_is_rejected()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        foreach (var sk in new[] { new string('a', 512), string.Concat(Enumerable.Repeat("🪑", 200)) })
        {
            var first = await kernel.AcceptAsync(kernel.Input(sk) with { Code = sk });
            var second = await kernel.AcceptAsync(kernel.Input(sk, 1, "2"));
            await kernel.ProjectAsync(first, second);
            Assert.Equal(2, (await kernel.DataAsync(sk))!.Version);
        }

        foreach (var sk in new[] { new string('a', 513), string.Concat(Enumerable.Repeat("🪑", 201)), "", ".", "..", "a@b", "a\tb", "a\u0085" })
        {
            var rejected = Assert.IsType<PublishResult.Rejected>(await kernel.PublishAsync(kernel.Input(sk)));
            Assert.Contains("sk", rejected.Errors.Select(error => error.Field));
        }
    }

    // Conformance 18.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_command_of_the_largest_size_is_accepted_and_projected_and_a_larger_one_is_not_written(bool isSync)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        // The longest key, so that what data and history add to a command is as much as it can be.
        var sk = new string('\u00e4', 400);
        var overhead = ItemSize.Of(ItemFormat.ToItem(await kernel.AcceptAsync(Filled(0, 0) with { Code = "warm" })));
        // The version and the name of the sync mode take a few bytes of their own.
        var largest = ItemSize.MaxCommandBytes - overhead - 40;

        var second = await kernel.AcceptAsync(Filled(1, largest), isSync);
        var third = await kernel.AcceptAsync(Filled(2, largest - 1), isSync);
        await kernel.ProjectAsync(second, third);

        Assert.Equal(largest - 1, (await kernel.DataAsync(sk))!.Attributes["text"]!.GetValue<string>().Length);
        Assert.Equal(largest, (await kernel.HistoryAsync(sk))[^1].Attributes["text"]!.GetValue<string>().Length);
        var tooLarge = Assert.IsType<PublishResult.TooLarge>(await kernel.PublishAsync(Filled(3, largest + 80), isSync));
        Assert.True(tooLarge.Bytes > tooLarge.MaxBytes);
        Assert.IsType<PublishResult.TooLarge>(await kernel.PublishAsync(Filled(-1, 1024 * 1024), isSync));
        Assert.Equal(3, (await kernel.LogAsync(sk)).Count);

        CommandInput Filled(long version, int characters) =>
            kernel.Input(sk, version) with { Attributes = new() { ["text"] = new string('x', characters) } };
    }

    // A batch read answers at most 16 MB: the rest has to be asked for again.
    [Fact]
    public async Task Many_large_predecessors_that_are_missing_are_all_read()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        const int Versions = 50;
        for (var version = 0; version < Versions; version++)
        {
            await kernel.AcceptAsync(kernel.Input("chair", version) with { Attributes = new() { ["text"] = new string((char)('a' + (version % 26)), 380_000) } });
        }

        var newest = (await kernel.History.ListAsync(kernel.Key("chair"), 1, cancellationToken: TestContext.Current.CancellationToken)).Single();
        await kernel.ProjectAsync(newest);

        Assert.Equal(Versions, (await kernel.DataAsync("chair"))!.Version);
        Assert.Equal(Enumerable.Range(1, Versions - 1).Select(v => (long)v), (await kernel.HistoryAsync("chair")).Select(state => state.Version));

        // A page of them ends when it is large; the next one goes on below it.
        var read = new List<long>();
        while (read.LastOrDefault(Versions + 1) > 1)
        {
            var page = await kernel.History.ListAsync(
                kernel.Key("chair"), 100, read.LastOrDefault(Versions + 1), TestContext.Current.CancellationToken);
            Assert.NotEmpty(page);
            read.AddRange(page.Select(command => command.Version));
        }

        Assert.Equal(Enumerable.Range(1, Versions).Reverse().Select(version => (long)version), read);
    }

    [Fact]
    public async Task Attributes_as_deep_as_the_rules_let_them_be_are_stored()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var deepest = string.Concat(Enumerable.Repeat("""{"a":""", 30)) + "1" + new string('}', 30);

        var command = await kernel.AcceptAsync(kernel.Input("chair", 0, "x", deepest));
        await kernel.ProjectAsync(command);
        var rejected = await kernel.PublishAsync(kernel.Input("table", 0, "x", string.Concat(Enumerable.Repeat("""{"a":""", 40)) + "1" + new string('}', 40)));

        Assert.Equal(deepest, (await kernel.DataAsync("chair"))!.Attributes.ToJsonString());
        Assert.IsType<PublishResult.Rejected>(rejected);
    }

    // Conformance 19.
    [Fact]
    public async Task Numbers_and_texts_keep_their_exact_value_through_command_data_and_history()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        string[] numbers =
        [
            "0", "-1", "1e-9", "12345678901234567890.123", "-0.1234567890123456789012345678", "9999999999999999999999999999", "1E-28", "1.10",
            "9223372036854775807", "1e28",
        ];
        string[] texts = ["", "🪑🏽", "كرسي", "e\u0301", " \t\n ", "\u200f\u202e", "\"\\/", new('x', 10_000)];
        var input = kernel.Input("chair", 0, "🪑", $$"""{"numbers":[{{string.Join(",", numbers)}}],"flags":[true,false,null],"empty":{},"none":[]}""");
        input.Attributes["texts"] = new System.Text.Json.Nodes.JsonArray([.. texts.Select(text => (System.Text.Json.Nodes.JsonNode?)text)]);

        var first = await kernel.AcceptAsync(input);
        var second = await kernel.AcceptAsync(input with { Version = 1, Name = "2" });
        await kernel.ProjectAsync(first, second);

        ItemModel[] everywhere =
        [
            first, .. await kernel.LogAsync("chair"), (await kernel.DataAsync("chair"))!, .. await kernel.HistoryAsync("chair"),
            kernel.Handler.Rows[kernel.Key("chair")],
        ];
        Assert.Equal(6, everywhere.Length);
        foreach (var item in everywhere)
        {
            Assert.Equal(
                numbers.Select(number => decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture)),
                item.Attributes["numbers"]!.AsArray().Select(number => decimal.Parse(number!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture)));
            Assert.Equal(texts, item.Attributes["texts"]!.AsArray().Select(text => text!.GetValue<string>()));
            Assert.Equal("""[true,false,null]{}[]""", string.Concat(new[] { "flags", "empty", "none" }.Select(name => item.Attributes[name]!.ToJsonString())));
        }

        Assert.IsType<PublishResult.Unchanged>(await kernel.PublishAsync(input with { Version = 2, Name = "2" }));
    }

    // Conformance 20.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_expired_item_is_gone_for_readers_but_not_for_versions_and_codes(bool isSync)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var ttl = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();
        var first = await kernel.AcceptAsync(kernel.Input("chair") with { Code = "C-1", Ttl = ttl }, isSync);
        await kernel.ProjectAsync(first);
        Assert.Equal(ttl, (await kernel.DataAsync("chair"))!.Ttl);
        Assert.Equal(ttl.ToString(CultureInfo.InvariantCulture), (await kernel.ItemAsync(kernel.Tables.Data(kernel.Module), "chair"))!["ttl"].N);
        Assert.NotNull(await kernel.Data.GetAsync(kernel.Key("chair"), TestContext.Current.CancellationToken));

        kernel.Time.Offset = TimeSpan.FromHours(2);

        Assert.Null(await kernel.Data.GetAsync(kernel.Key("chair"), TestContext.Current.CancellationToken));
        Assert.Null(await kernel.Repository.GetAsync(kernel.Key("chair"), new UserContext("anna", kernel.Tenant), TestContext.Current.CancellationToken));
        Assert.Empty((await kernel.Data.ListAsync(kernel.Pk, new ListPage(10), TestContext.Current.CancellationToken)).Items);
        Assert.Equal(new PublishResult.Conflict(1), await kernel.PublishAsync(kernel.Input("chair"), isSync));
        Assert.Equal(new PublishResult.NotFound(), await kernel.PatchAsync("chair", -1, """{"name":"x"}""", isSync));
        Assert.Equal(new PublishResult.CodeTaken("C-1"), await kernel.PublishAsync(kernel.Input("table") with { Code = "C-1" }, isSync));

        // The same content: it is a change all the same, as it brings the item back.
        var revived = await kernel.AcceptAsync(kernel.Input("chair", -1) with { Code = "C-1" }, isSync);
        await kernel.ProjectAsync(revived);

        Assert.Equal((2L, null), (revived.Version, revived.Ttl));
        Assert.Equal(2, (await kernel.Data.GetAsync(kernel.Key("chair"), TestContext.Current.CancellationToken))!.Version);
    }

    // DynamoDB removes expired items by itself, some time later: the log is then all that knows of them.
    [Fact]
    public async Task An_item_whose_data_row_DynamoDB_has_removed_goes_on_with_the_next_version()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var commands = await kernel.AcceptManyAsync("chair", 5);
        await kernel.ProjectAsync(commands);
        await kernel.DynamoDb.DeleteItemAsync(
            kernel.Tables.Data(kernel.Module), ItemFormat.ToKey(kernel.Pk, "chair"), TestContext.Current.CancellationToken);

        Assert.Equal(new PublishResult.Conflict(5), await kernel.PublishAsync(kernel.Input("chair", 0, "x")));
        var sixth = await kernel.AcceptAsync(kernel.Input("chair", -1, "chair 6"));
        await kernel.ProjectAsync(sixth);
        var seventh = await kernel.AcceptAsync(kernel.Input("chair", -1, "chair 7"), isSync: true);

        Assert.Equal((6, 7), (sixth.Version, seventh.Version));
        Assert.Equal(7, (await kernel.DataAsync("chair"))!.Version);
        Assert.Equal([1, 2, 3, 4, 5, 6], (await kernel.HistoryAsync("chair")).Select(state => state.Version));
    }
}
