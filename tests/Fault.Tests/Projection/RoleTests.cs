using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Hosting;
using Cqrs.Items;
using Cqrs.Operations;
using Cqrs.Postgres.Hosting;
using Cqrs.Publishing;
using Cqrs.Purging;
using Cqrs.Reading;
using Microsoft.Extensions.DependencyInjection;
using ProductAspire.Deploy;
using Products;

namespace FaultTests.Projection;

/// <summary>What the roles of a deployment may do (deploy/Rights.cs) is enough: a right that is missing would be taken for a store that is down.</summary>
[Collection(KernelCollection.Name)]
public sealed class RoleTests(FaultStack stack) : IAsyncLifetime
{
    private readonly string _tenant = FaultStack.NewTenant();

    private Parts? _owner;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Parts Owner => _owner!;

    private ProductWriter Items => new(Owner, _tenant);

    public async ValueTask InitializeAsync() => _owner = await Parts.CreateAsync(await Place.NewAsync(stack));

    public ValueTask DisposeAsync() => Owner.DisposeAsync();

    [Fact]
    public async Task The_function_projects_parks_and_follows_purges()
    {
        using var dynamoDb = new AsRole(Owner.Place, Rights.Projection);
        await using var function = await StartAsync(dynamoDb, ("Worker:PushedOnly", "true"));

        await ProjectAllAsync(new ProductWriter(function, _tenant));

        Assert.Empty(dynamoDb.Refused);
    }

    [Fact]
    public async Task The_worker_replays_and_mends_what_was_made_of_commands()
    {
        var command = await Items.PublishAsync("replayed", "One");
        using var dynamoDb = new AsRole(Owner.Place, Rights.Worker);
        await using var worker = await StartAsync(dynamoDb, ("Stream:ReadsShards", "false"));
        await Eventually.IsTrueAsync("the replay is done", async () =>
            (await Queries.LeasesAsync(Owner.Dynamo, Owner.Place.Tables, FaultStack.Module)).Any(lease => lease is { ShardId: "#replay", IsFinished: true }));
        Assert.NotNull(await Owner.Postgres.RowAsync(command.Id));

        await ProjectAllAsync(new ProductWriter(worker, _tenant));
        Assert.NotEmpty(await worker.Of<Resync>().WriteRowsAsync(Items.Key("a").Pk, null, Cancellation).ToListAsync(Cancellation));
        await worker.Of<Resync>().RemoveStaleRowsAsync(Items.Key("a").Pk, Cancellation);
        await worker.StopAsync();

        Assert.Empty(dynamoDb.Refused);
    }

    [Fact]
    public async Task The_API_publishes_reads_and_purges()
    {
        using var dynamoDb = new AsRole(Owner.Place, Rights.Api);
        await using var api = await Parts.CreateAsync(Owner.Place, builder => builder.Services.AddSingleton<IAmazonDynamoDB>(dynamoDb), setUp: false);
        var items = new ProductWriter(api, _tenant);
        var user = new UserContext("kim", _tenant);
        var options = Load.Options(_tenant) with { RemembersWrite = true, Idempotency = new Idempotency("once", "hash") };

        foreach (var input in new[] { items.Input("a", "One", "code"), items.Input("a", "Two", "other") })
        {
            Assert.IsType<PublishResult.Accepted>(await api.Commands.PublishAsync(
                input, options with { Idempotency = new Idempotency(input.Name, "hash") }, Cancellation));
        }

        Assert.IsType<PublishResult.Accepted>(await api.Commands.PublishAsync(items.Input("a", "Two"), options with { Idempotency = new("Two", "hash") }, Cancellation));
        Assert.IsType<PublishResult.Accepted>(await api.Commands.PublishSync(items.Input("a", "Three"), options, Cancellation));
        Assert.Equal("Three", (await api.Of<Repository>().GetAsync(items.Key("a"), user, Cancellation))?.Name);
        Assert.NotEmpty((await api.Of<Repository>().ListAsync(items.Key("a").Pk, new ListPage(10), user, Cancellation)).Items);
        Assert.Equal(3, (await api.Of<HistoryService>().ListAsync(items.Key("a"), 10, cancellationToken: Cancellation)).Count);
        Assert.NotNull(await api.Of<CommandStatusService>().GetAsync(items.Key("a"), 3, TimeSpan.Zero, Cancellation));
        await ParkAsync(items);
        await api.Services.GetParked().ReplayAsync(Assert.Single(await items.ParkedAsync()).Id, Cancellation);
        Assert.Empty(await api.Of<ShardLag>().GetShardsAsync(Cancellation));
        Assert.True(await api.Of<PurgeService>().PurgeAsync(items.Key("a"), Cancellation));

        Assert.Empty(dynamoDb.Refused);
    }

    // Everything that a stream can tell of: versions, moved codes, an item at fault, a purge, and what a late writer has left over by it.
    private async Task ProjectAllAsync(ProductWriter projection)
    {
        var commands = new List<CommandModel>
        {
            await Items.PublishAsync("a", "One", "before"),
            await Items.PublishAsync("a", "Two", "wanted"),
            await Items.PublishAsync("b", "One", "before"),
        };
        await projection.ProjectRecordsAsync([.. commands.Select(Records.Insert)]);
        await ParkAsync(projection);

        await Owner.Of<PurgeService>().PurgeAsync(Items.Key("a"), Cancellation);
        var late = commands[1] with { Version = 3, Sk = Items.Key("a").VersionSk(3), Name = "Late" };
        await PutAsync(Owner.Place.Tables.Command(FaultStack.Module), ItemFormat.ToItem(late));
        var used = ItemFormat.ToKey(late.Pk, "IDEM#kim#late");
        await PutAsync(Owner.Place.Tables.Unique(FaultStack.Module), new(used) { ["commandSk"] = new AttributeValue(late.Sk) });
        await projection.ProjectRecordsAsync(
            [Records.Remove(commands[0]), Records.Remove(commands[1]), Records.Insert(late)]);
        await projection.ProjectRecordsAsync(Records.Remove(late));

        var left = await Owner.Dynamo.GetItemAsync(Owner.Place.Tables.Unique(FaultStack.Module), used, Cancellation);
        Assert.False(left.IsItemSet);
        Assert.Null(await Owner.Postgres.RowAsync(late.Id));
    }

    // Postgres cannot hold it, DynamoDB can.
    private async Task ParkAsync(ProductWriter projection)
    {
        var bad = await Items.PublishAsync("bad", "Bad") with { Name = "a\0b" };
        await PutAsync(Owner.Place.Tables.Command(FaultStack.Module), ItemFormat.ToItem(bad));
        await projection.ProjectRecordsAsync(Records.Insert(bad));
        Assert.Single(await Items.ParkedAsync());
    }

    private Task PutAsync(string table, Dictionary<string, AttributeValue> item) => Owner.Dynamo.PutItemAsync(table, item, Cancellation);

    private async Task<Parts> StartAsync(AsRole dynamoDb, (string Name, string Value) setting)
    {
        var parts = await Parts.CreateAsync(
            Owner.Place,
            builder => builder.Services.AddSingleton<IAmazonDynamoDB>(dynamoDb),
            builder =>
            {
                // What the worker does, it is told before its parts are added.
                builder.Configuration[setting.Name] = setting.Value;
                builder.AddCqrs();
                builder.AddReadModel<ProductsContext>("productdb");
                builder.AddProducts();
            },
            setUp: false);
        await parts.StartAsync();
        return parts;
    }
}
