using System.Diagnostics;
using System.Globalization;
using AppHostRuns;
using Cqrs.Streams;

namespace FaultTests.Processes;

/// <summary>Two workers, with the times that are the default.</summary>
public sealed class TwoWorkersStack : FaultStack
{
    protected override IReadOnlyList<string> Arguments => ["--worker-replicas=2"];

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();
}

[Collection(OwnProcesses.Name)]
public sealed class TwoWorkersTests(TwoWorkersStack stack) : IClassFixture<TwoWorkersStack>, IAsyncLifetime
{
    private IReadOnlyList<string> _workers = [];

    public async ValueTask InitializeAsync() =>
        _workers = await stack.App.ReplicasAsync(FaultStack.Worker, 2, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => default;

    // 36
    [Fact]
    public async Task Each_shard_has_one_owner_and_when_that_is_killed_the_other_has_it_within_ten_seconds()
    {
        var client = await stack.ClientAsync();
        var monitor = VersionMonitor.Start(stack, client.Tenant);
        var load = Load.Start(36, client.Tenant, client, null);
        await load.WaitForAsync(30);
        var (shard, owner) = await OwnerAsync();

        // Killed a little after it has shown that it lives, which is the worst moment.
        var beat = shard.Beat;
        await Eventually.IsTrueAsync("the owner renews its lease", async () => (await ShardAsync()).Beat > beat);
        var started = Stopwatch.GetTimestamp();
        await stack.KillAsync(owner);
        var other = _workers.Single(worker => worker != owner);
        await Eventually.GetAsync(
            "the other worker has the shard", ShardAsync, lease => PidOf(lease) == stack.PidOf(other), TimeSpan.FromSeconds(30));
        var took = Stopwatch.GetElapsedTime(started);
        Assert.True(took <= TimeSpan.FromSeconds(10), $"It took {took}.");

        await stack.LaunchAsync(owner);
        await load.WaitForAsync(30);
        await stack.Oracle.CheckAsync(client.Tenant, await load.StopAsync());
        await monitor.StopAsync();
        await stack.WaitUntilHealthyAsync(FaultStack.Worker, TestContext.Current.CancellationToken);
    }

    // 36: an owner that stood still does not know that it is none any more
    [Fact]
    public async Task An_owner_that_hung_and_goes_on_sets_nothing_back()
    {
        var client = await stack.ClientAsync();
        var monitor = VersionMonitor.Start(stack, client.Tenant);
        var load = Load.Start(360, client.Tenant, client, null);
        await load.WaitForAsync(30);
        var (_, owner) = await OwnerAsync();
        var other = _workers.Single(worker => worker != owner);
        ShardLease taken;
        using (await stack.FreezeAsync(owner))
        {
            taken = await Eventually.GetAsync(
                "the other worker has the shard", ShardAsync, lease => PidOf(lease) == stack.PidOf(other), TimeSpan.FromSeconds(30));
            await load.WaitForAsync(20);
        }

        await Eventually.GetAsync(
            "the new owner goes on", ShardAsync, lease => lease.Beat > taken.Beat + 2 && lease.Epoch == taken.Epoch, TimeSpan.FromSeconds(30));
        await stack.Oracle.CheckAsync(client.Tenant, await load.StopAsync());
        await monitor.StopAsync();
        var last = await ShardAsync();
        Assert.Equal((taken.Epoch, taken.Owner), (last.Epoch, last.Owner));
        await stack.WaitUntilHealthyAsync(FaultStack.Worker, TestContext.Current.CancellationToken);
    }

    private async Task<(ShardLease Lease, string Owner)> OwnerAsync()
    {
        await Eventually.IsTrueAsync(
            "the one shard is read", async () => (await stack.LeasesAsync()).Count(lease => lease is { IsFinished: false, Owner: not null }) == 1);
        var lease = await ShardAsync();
        return (lease, _workers.Single(worker => stack.PidOf(worker) == PidOf(lease)));
    }

    private async Task<ShardLease> ShardAsync() => (await stack.LeasesAsync()).Single(lease => !lease.IsFinished);

    // {machine}-{process}-{random}
    private static int PidOf(ShardLease lease) =>
        lease.Owner is { } owner ? int.Parse(owner.Split('-')[^2], CultureInfo.InvariantCulture) : 0;
}
