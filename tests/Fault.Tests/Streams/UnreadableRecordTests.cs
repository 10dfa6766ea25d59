using System.Net;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Operations;
using Cqrs.Purging;
using Cqrs.Streams;
using Microsoft.Extensions.DependencyInjection;

namespace FaultTests.Streams;

/// <summary>What becomes of a record that cannot be read as a command.</summary>
[Collection(KernelCollection.Name)]
public sealed class UnreadableRecordTests(FaultStack stack) : IAsyncLifetime
{
    private Parts? _parts;

    private Parts Parts => _parts!;

    private ParkedCommands Parked => Parts.Services.GetParked();

    private string Table => Parts.Place.Tables.Command(FaultStack.Module);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _parts = await Parts.CreateAsync(await Place.NewAsync(stack));

    public ValueTask DisposeAsync() => Parts.DisposeAsync();

    [Fact]
    public async Task It_is_parked_with_its_keys_place_and_reason_and_one_alarm_and_the_others_go_on()
    {
        var products = new ProductWriter(Parts, FaultStack.NewTenant());
        var good = await products.PublishAsync("good", "Good");
        var bad = Malformed(good, "bad@1", item => item["version"] = new() { S = "one" });
        await Parts.Dynamo.PutItemAsync(Table, bad, Cancellation);
        var keyless = new Record("event-7", "INSERT", new StreamRecord([], null, "700000"), "It has no keys.");

        await products.ProjectRecordsAsync(Records.Insert(bad), keyless, Records.Insert(good));
        await products.ProjectRecordsAsync(Records.Insert(bad), keyless, Records.Insert(good));

        Assert.Equal("good", (await Parts.Of<DataService>().GetAsync(good.Key, Cancellation))?.Sk);
        var parked = await Parked.ReadUnresolvedAsync(Cancellation).ToListAsync(Cancellation);
        Assert.Equal([(null, null), (good.Pk, "bad@1")], parked.Select(p => (p.Pk, p.Sk)).Order());
        Assert.All(parked, p => Assert.Equal(("stream", null), (p.Handler, p.Command)));
        var withKeys = parked.Single(p => p.Pk is not null);
        Assert.Contains("version", withKeys.Reason, StringComparison.Ordinal);
        Assert.StartsWith("pushed 1", withKeys.Position, StringComparison.Ordinal);
        Assert.Equal("pushed 700000", parked.Single(p => p.Pk is null).Position);
        Assert.Equal(2, Parts.Alarms.Raised.Count);
        Assert.Single(Parts.Alarms.Raised, alarm => alarm.Message.Contains("bad@1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_replay_takes_it_from_the_command_table_once_it_can_be_read_there()
    {
        var products = new ProductWriter(Parts, FaultStack.NewTenant());
        var good = await products.PublishAsync("good", "Good");
        var bad = Malformed(good, "bad@1", item => item.Remove("name"));
        await Parts.Dynamo.PutItemAsync(Table, bad, Cancellation);
        await products.ProjectRecordsAsync(Records.Insert(bad));
        var parked = Assert.Single(await Parked.ReadUnresolvedAsync(Cancellation).ToListAsync(Cancellation));

        Assert.Contains("name", await Parked.ReplayAsync(parked.Id, Cancellation), StringComparison.Ordinal);
        Assert.Single(await Parked.ResolveAppliedAsync(FaultStack.Module, Cancellation));

        bad["name"] = new() { S = "Mended" };
        await Parts.Dynamo.PutItemAsync(Table, bad, Cancellation);
        Assert.Equal("", await Parked.ReplayAsync(parked.Id, Cancellation));
        Assert.Empty(await Parked.ReadUnresolvedAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Equal("Mended", (await Parts.Of<DataService>().GetAsync(products.Key("bad"), Cancellation))?.Name);
        Assert.NotNull(await Parts.Postgres.RowAsync(products.Key("bad").Id));
    }

    [Fact]
    public async Task A_replay_of_a_record_without_keys_has_the_workers_go_through_the_command_table()
    {
        await Parts.StartAsync();
        var products = new ProductWriter(Parts, FaultStack.NewTenant());
        await Eventually.IsTrueAsync(
            "the first replay is done",
            async () => (await Queries.LeasesAsync(stack.Dynamo, Parts.Place.Tables, FaultStack.Module))
                .Any(lease => lease is { ShardId: ReplayReader.ShardId, IsFinished: true }));
        await products.ProjectRecordsAsync(new Record("1", "INSERT", new StreamRecord([], null, "7"), "It has no keys."));
        var command = await products.PublishAsync("a", "A");
        await Parts.Oracle.CheckAsync(products.Tenant);
        await Parts.Postgres.ExecuteAsync("DELETE FROM products");

        Assert.Equal("", await Parked.ReplayAsync(Assert.Single(await Parked.ReadUnresolvedAsync(Cancellation).ToListAsync(Cancellation)).Id, Cancellation));

        Assert.Empty(await Parked.ReadUnresolvedAsync(Cancellation).ToListAsync(Cancellation));
        await Eventually.IsTrueAsync("the row is there again", async () => await Parts.Postgres.RowAsync(command.Id) is not null);
    }

    [Fact]
    public async Task When_it_leaves_the_command_table_it_leaves_the_list()
    {
        var products = new ProductWriter(Parts, FaultStack.NewTenant());
        var bad = Malformed(await products.PublishAsync("good", "Good"), "bad@1", item => item.Remove("code"));
        await Parts.Dynamo.PutItemAsync(Table, bad, Cancellation);
        await products.ProjectRecordsAsync(Records.Insert(bad));
        Assert.Single(await Parked.ReadUnresolvedAsync(Cancellation).ToListAsync(Cancellation));

        Assert.True(await Parts.Of<PurgeService>().PurgeAsync(products.Key("bad"), Cancellation));
        Assert.Empty(await Parked.ReadUnresolvedAsync(Cancellation).ToListAsync(Cancellation));

        await Parts.Dynamo.PutItemAsync(Table, bad, Cancellation);
        await products.ProjectRecordsAsync(Records.Insert(bad));
        await Parts.Dynamo.DeleteItemAsync(Table, ItemFormat.ToKey(bad["pk"].S, "bad@1"), Cancellation);
        await products.ProjectRecordsAsync(Records.New("REMOVE", bad["pk"].S, "bad@1", null));
        Assert.Empty(await Parked.ReadUnresolvedAsync(Cancellation).ToListAsync(Cancellation));
    }

    // Through the real stream, at the end of a shard that goes on.
    [Fact]
    public async Task In_the_stream_it_holds_nobody_up_and_the_checkpoint_passes_it()
    {
        await Parts.StartAsync();
        var products = new ProductWriter(Parts, FaultStack.NewTenant());
        var first = await products.PublishAsync("a", "A");
        foreach (var (sk, spoil) in Spoilt)
        {
            await Parts.Dynamo.PutItemAsync(Table, Malformed(first, sk, spoil), Cancellation);
        }

        await products.PublishAsync("b", "B");
        await Eventually.IsTrueAsync(
            "the last is projected", async () => await Parts.Of<DataService>().GetAsync(products.Key("b"), Cancellation) is not null);
        await Eventually.GetAsync(
            "all are parked", async () => await Parked.ReadUnresolvedAsync(Cancellation).ToListAsync(Cancellation), parked => parked.Count == Spoilt.Count - 1);
        Assert.DoesNotContain(await Parked.ReadUnresolvedAsync(Cancellation).ToListAsync(Cancellation), parked => parked.Sk == "no-version");
        await Eventually.IsTrueAsync(
            "nothing is behind",
            async () => (await Parts.Of<ShardLag>().GetShardsAsync(Cancellation)).All(shard => shard is { LagMs: 0, Checkpoint: not null }));
    }

    // Replayed, they are parked too: there they have no place in the stream.
    [Fact]
    public async Task In_a_replay_it_holds_nobody_up()
    {
        var products = new ProductWriter(Parts, FaultStack.NewTenant());
        var first = await products.PublishAsync("a", "A");
        await Parts.Dynamo.PutItemAsync(Table, Malformed(first, "bad@1", item => item.Remove("code")), Cancellation);
        await Parts.StartAsync();

        await Eventually.IsTrueAsync(
            "the replay is done",
            async () => (await Queries.LeasesAsync(stack.Dynamo, Parts.Place.Tables, FaultStack.Module))
                .Any(lease => lease is { ShardId: ReplayReader.ShardId, IsFinished: true }));
        Assert.Equal("bad@1", Assert.Single(await Parked.ReadUnresolvedAsync(Cancellation).ToListAsync(Cancellation)).Sk);
        Assert.NotNull(await Parts.Of<DataService>().GetAsync(first.Key, Cancellation));
    }

    [Fact]
    public async Task Operators_see_it_with_its_keys_and_hear_why_a_replay_does_not_help()
    {
        var operators = await stack.OperatorAsync();
        var client = await stack.ClientAsync();
        (await client.PostAsync(new { sk = "good", name = "Good" })).Is(HttpStatusCode.Created);
        var stored = await stack.Dynamo.GetItemAsync(
            stack.Tables.Command(FaultStack.Module), ItemFormat.ToKey(client.Pk, "good@1"), Cancellation);
        var bad = Malformed(ItemFormat.ToCommand(stored.Item), "bad@1", item => item["createdAt"] = new() { S = "yesterday" });
        await stack.Dynamo.PutItemAsync(stack.Tables.Command(FaultStack.Module), bad, Cancellation);

        var parked = await Eventually.GetAsync(
            "it is listed",
            async () => (await operators.SendAsync(HttpMethod.Get, "/api/ops/parked")).Is(HttpStatusCode.OK).Json.AsArray()
                .SingleOrDefault(entry => entry!["pk"]?.GetValue<string>() == client.Pk),
            entry => entry is not null);

        Assert.Equal(("stream", "bad@1", null), (parked!["handler"]!.GetValue<string>(), parked["sk"]!.GetValue<string>(), parked["command"]));
        Assert.Contains("createdAt", parked["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Matches("^.+ [0-9]{21,40}$", parked["position"]!.GetValue<string>());
        (await operators.SendAsync(HttpMethod.Post, $"/api/ops/parked/{parked["id"]!.GetValue<string>()}/replay"))
            .IsProblem(HttpStatusCode.Conflict, "still-failing");
        (await client.HistoryAsync("bad")).Is(HttpStatusCode.NotFound);

        (await (await stack.ClientAsync(client.Tenant, "user=anna&role=admin")).ActAsync("bad", "purge")).Is(HttpStatusCode.Accepted);
        Assert.Equal(0, await stack.ParkedAsync(client.Tenant));
    }

    private static readonly IReadOnlyList<(string Sk, Action<Dictionary<string, AttributeValue>> Spoil)> Spoilt =
    [
        ("no-name@1", item => item.Remove("name")),
        ("huge@1", item =>
        {
            item.Remove("code");
            item["attributes"] = new() { M = new() { ["huge"] = new() { S = new string('x', 390_000) } } };
        }),
        ("deep@1", item =>
        {
            item["deep"] = Enumerable.Range(0, 30).Aggregate(new AttributeValue { S = "x" }, (inner, _) => new() { L = [inner] });
            item.Remove("code");
        }),
        ("types@1", item => item["id"] = new() { NS = ["1"] }),
        ("number@1", item => item["seq"] = new() { N = "1.5" }),
        ("other-version@2", _ => { }),
        ("no-version", _ => { }),
    ];

    private static Dictionary<string, AttributeValue> Malformed(CommandModel like, string sk, Action<Dictionary<string, AttributeValue>> spoil)
    {
        var key = new ItemKey(like.Pk, Keys.RemoveSortKeyVersion(sk));
        var item = ItemFormat.ToItem(like with { Sk = sk, Id = key.Id, Code = key.Sk, WriteId = null });
        spoil(item);
        return item;
    }
}
