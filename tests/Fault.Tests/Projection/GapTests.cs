using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Tables;

namespace FaultTests.Projection;

/// <summary>A command comes long before its predecessors, or before any that there will ever be.</summary>
[Collection(KernelCollection.Name)]
public sealed class GapTests(Kernel kernel) : IAsyncLifetime
{
    private const string Module = "gap";

    private readonly MemoryHandler _handler = new("rows");

    private Parts? _parts;
    private ProductWriter? _things;

    private Parts Parts => _parts!;

    private ProductWriter Things => _things!;

    private string Commands => Parts.Place.Tables.Command(new CqrsModule(Module, "GAP"));

    public async ValueTask InitializeAsync()
    {
        _parts = await Parts.CreateAsync(kernel.Parts.Place, null, MemoryHandler.Module(Module, _handler));
        _things = new ProductWriter(_parts, FaultStack.NewTenant(), Module);
    }

    public ValueTask DisposeAsync() => Parts.DisposeAsync();

    [Fact]
    public async Task Many_missing_predecessors_are_applied_and_handed_on_step_by_step()
    {
        const int Newest = (2 * DataProjection.MissingAtOnce) + 100;
        var items = new[] { "a", "b" };
        var newest = new List<CommandModel>();
        foreach (var sk in items)
        {
            var first = await Things.PublishAsync(sk, "1");
            var commands = Enumerable.Range(1, Newest)
                .Select(version => first with { Sk = $"{sk}@{version}", Version = version, Name = $"{version}" }).ToList();
            await WriteAsync(commands.Skip(1));
            newest.Add(commands[^1]);
        }

        await Things.ProjectAsync([.. newest, await Things.PublishAsync("c", "1")]);

        Assert.All(items, sk => Assert.Equal($"{Newest}", _handler.Rows[Things.Key(sk)].Name));
        Assert.True(_handler.Rows.ContainsKey(Things.Key("c")));
        foreach (var sk in items)
        {
            Assert.Equal(Enumerable.Range(1, Newest).Select(version => (long)version), _handler.Done.Where(done => done.Key.Sk == sk).Select(done => done.Version));
            Assert.Equal(Newest - 1, await CountHistoryAsync(sk));
        }

        Assert.InRange(_handler.MostAtOnce, 1, DataProjection.MissingAtOnce + 3);
    }

    [Fact]
    public async Task Large_missing_predecessors_are_applied_a_few_at_a_time()
    {
        const int Newest = 60;
        var first = await Things.PublishAsync("a", "1");
        var commands = Enumerable.Range(1, Newest)
            .Select(version => first with { Sk = $"a@{version}", Version = version, Name = $"{version}", Attributes = Large() }).ToList();
        await WriteAsync(commands.Skip(1));

        await Things.ProjectAsync([commands[^1]]);

        Assert.Equal(Enumerable.Range(1, Newest).Select(version => (long)version), _handler.Done.Select(done => done.Version));
        Assert.Equal(Newest - 1, await CountHistoryAsync("a"));
        Assert.InRange(_handler.MostAtOnce, 1, BatchReader.FirstKeys + 1);
    }

    [Fact]
    public async Task Large_rows_are_brought_further_a_few_at_a_time()
    {
        const int Items = 30;
        var firsts = new List<CommandModel>();
        for (var i = 0; i < Items; i++)
        {
            firsts.Add(await Things.PublishAsync($"item-{i}", "1"));
        }

        foreach (var version in new[] { 1, 2, 3, 4 })
        {
            var commands = firsts
                .Select(first => first with { Sk = $"{first.Key.Sk}@{version}", Version = version, Name = $"{version}", Attributes = Large() }).ToList();
            await WriteAsync(commands);
            await Things.ProjectAsync([.. commands]);
        }

        Assert.All(firsts, first => Assert.Equal("4", _handler.Rows[first.Key].Name));
        foreach (var first in firsts)
        {
            Assert.Equal(3, await CountHistoryAsync(first.Key.Sk));
        }
    }

    // 31
    [Theory]
    [InlineData(9_000_000_000_000)]
    [InlineData(long.MaxValue)]
    public async Task A_version_that_somebody_made_up_is_not_waited_for_and_holds_nothing_up(long version)
    {
        var good = await Things.PublishAsync("good", "Good");
        var first = await Things.PublishAsync("x", "One");
        var second = await Things.PublishAsync("x", "Two");
        var foreign = first with { Sk = $"x@{version}", Version = version, Name = "Foreign" };
        await WriteAsync([foreign]);

        await Things.ProjectRecordsAsync(Records.Insert(foreign), Records.Insert(good));

        Assert.Equal("Good", _handler.Rows[Things.Key("good")].Name);
        Assert.Equal("Foreign", _handler.Rows[Things.Key("x")].Name);
        Assert.Equal([1, 2, version], _handler.Done.Where(done => done.Key.Sk == "x").Select(done => done.Version));
        Assert.Single(Parts.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains(second.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_predecessor_that_is_malformed_is_passed_over()
    {
        await Things.PublishAsync("a", "One");
        var second = await Things.PublishAsync("a", "Two");
        var malformed = ItemFormat.ToKey(second.Pk, "a@1");
        await Parts.Dynamo.PutItemAsync(Commands, malformed, TestContext.Current.CancellationToken);

        await Things.ProjectAsync(second);

        Assert.Equal("Two", _handler.Rows[Things.Key("a")].Name);
        Assert.Empty(await Things.ParkedAsync());
    }

    private static JsonObject Large() => new() { ["text"] = new string('x', 300_000) };

    private async Task WriteAsync(IEnumerable<CommandModel> commands)
    {
        foreach (var chunk in commands.Select(command => new WriteRequest(new PutRequest(ItemFormat.ToItem(command)))).Chunk(25))
        {
            await BatchWriter.WriteAsync(Parts.Dynamo, Commands, chunk, TestContext.Current.CancellationToken);
        }
    }

    private async Task<int> CountHistoryAsync(string sk) => (await ItemQuery.ReadAsync(
        Parts.Dynamo, Parts.Place.Tables.History(new CqrsModule(Module, "GAP")), Things.Key(sk).Pk, $"{sk}@", TestContext.Current.CancellationToken)).Count;
}
