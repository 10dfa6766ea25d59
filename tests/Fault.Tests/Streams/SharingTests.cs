using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FaultTests.Streams;

/// <summary>Several workers and several shards, with leases in a real DynamoDB. 36.</summary>
[Collection(KernelCollection.Name)]
public sealed class SharingTests(FaultStack stack) : IAsyncLifetime
{
    private const string Module = "gadget";

    private static readonly CqrsModule Gadgets = new(Module, "GADGET");

    private readonly ScriptedStreams _streams = new();
    private readonly MemoryHandler _handler = new("memory");
    private readonly List<Parts> _workers = [];
    private Place? _place;

    public async ValueTask InitializeAsync() => _place = await Place.NewAsync(stack);

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }
    }

    [Fact]
    public async Task Each_worker_that_joins_has_its_even_share_within_a_few_seconds_and_one_that_leaves_is_replaced_at_once()
    {
        AddShards(4);
        await StartAsync(WithDefaultTimes);
        await SharedAsync(TimeSpan.FromSeconds(20), 4);

        await StartAsync(WithDefaultTimes);
        await SharedAsync(TimeSpan.FromSeconds(8), 2, 2);

        var third = await StartAsync(WithDefaultTimes);
        await SharedAsync(TimeSpan.FromSeconds(8), 1, 1, 2);

        await third.StopAsync();
        await SharedAsync(TimeSpan.FromSeconds(4), 2, 2);
    }

    [Fact]
    public async Task When_a_worker_dies_another_has_all_its_shards_within_ten_seconds()
    {
        var shards = AddShards(6);
        var survivor = await StartAsync(WithDefaultTimes);
        var owner = (await SharedAsync(TimeSpan.FromSeconds(20), 6))[0].Owner;
        var dying = await StartAsync(WithDefaultTimes);
        await SharedAsync(TimeSpan.FromSeconds(8), 3, 3);

        // The worst moment is when it has just shown itself.
        var before = await BeatsAsync();
        await Eventually.IsTrueAsync("it shows itself", async () => (await BeatsAsync()).Any(beat => beat.Key != owner && beat.Value != before[beat.Key]));
        Cut(dying);
        await SharedAsync(TimeSpan.FromSeconds(10), 6);

        var things = new ProductWriter(survivor, FaultStack.NewTenant(), Module);
        foreach (var shard in shards)
        {
            _streams.Put(shard, await things.PublishAsync(shard.Id, shard.Id));
        }

        await Eventually.GetAsync("a command of each shard is projected", () => Task.FromResult(_handler.Rows.Count), count => count == shards.Count);
    }

    [Fact]
    public async Task A_worker_that_comes_up_and_dies_again_and_again_takes_no_shards_from_one_that_lives()
    {
        AddShards(4);
        await StartAsync();
        await SharedAsync(TimeSpan.FromSeconds(20), 4);

        // At first it is met like any that joins.
        for (var deaths = 0; deaths < 4; deaths++)
        {
            await LiveAndDieAsync();
        }

        var before = await SharedAsync(TimeSpan.FromSeconds(8), 4);
        for (var deaths = 0; deaths < 4; deaths++)
        {
            await LiveAndDieAsync();
        }

        Assert.Equal(
            before.Select(lease => (lease.ShardId, lease.Owner, lease.Epoch)).Order(),
            (await LeasesAsync()).Select(lease => (lease.ShardId, lease.Owner, lease.Epoch)).Order());
    }

    private static void WithDefaultTimes(WebApplicationBuilder builder)
    {
        var times = new StreamOptions();
        builder.Configuration["Stream:RenewInterval"] = times.RenewInterval.ToString();
        builder.Configuration["Stream:LeaseTimeout"] = times.LeaseTimeout.ToString();
        builder.Configuration["Stream:DiscoveryInterval"] = times.DiscoveryInterval.ToString();
    }

    // To all others it is dead: nothing that it writes arrives any more.
    private static void Cut(Parts worker) => worker.Dynamo.Dispose();

    private async Task LiveAndDieAsync()
    {
        var before = await BeatsAsync();
        var worker = await StartAsync();
        await Eventually.IsTrueAsync(
            "it has shown itself three times", async () => (await BeatsAsync()).Any(beat => !before.ContainsKey(beat.Key) && beat.Value == "3"));
        Cut(worker);
    }

    private async Task<Dictionary<string, string>> BeatsAsync() =>
        (await Cqrs.Items.ItemQuery.ReadAsync(
            stack.Dynamo, _place!.Tables.StreamLease, $"workers#{_place.Tables.Command(Gadgets)}", null, TestContext.Current.CancellationToken))
        .ToDictionary(worker => worker["sk"].S, worker => worker["beat"].N);

    private List<ScriptedShard> AddShards(int count) => [.. Enumerable.Range(0, count).Select(i => _streams.AddShard($"shard-{i}"))];

    private async Task<Parts> StartAsync(Action<WebApplicationBuilder>? configure = null)
    {
        var worker = await Parts.CreateAsync(
            _place!,
            builder =>
            {
                builder.Services.AddSingleton<IDynamoDbStreams>(_streams);
                configure?.Invoke(builder);
            },
            MemoryHandler.Module(Module, _handler),
            setUp: false);
        _workers.Add(worker);
        await worker.StartAsync();
        return worker;
    }

    /// <summary>Waits until each worker reads so many shards, in any order of the workers.</summary>
    private Task<List<ShardLease>> SharedAsync(TimeSpan within, params int[] shares) => Eventually.GetAsync(
        $"the shards are shared {string.Join('/', shares)}",
        LeasesAsync,
        leases => leases.All(lease => lease.Owner is not null)
            && leases.GroupBy(lease => lease.Owner).Select(worker => worker.Count()).Order().SequenceEqual(shares),
        within);

    private async Task<List<ShardLease>> LeasesAsync()
    {
        try
        {
            return [.. (await Queries.LeasesAsync(stack.Dynamo, _place!.Tables, Gadgets)).Where(lease => !lease.IsFinished)];
        }
        catch (Amazon.DynamoDBv2.Model.ResourceNotFoundException)
        {
            // The tables are being made.
            return [];
        }
    }
}
