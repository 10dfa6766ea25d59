using System.Diagnostics;

namespace FaultTests.Processes;

/// <summary>The worker is killed, or asked to end, while it projects.</summary>
[Collection(SharedProcesses.Name)]
public sealed class WorkerKilledTests(KilledStack stack)
{
    // 33
    [Fact]
    public async Task A_worker_that_is_killed_twenty_times_under_load_loses_nothing_and_repeats_nothing()
    {
        const int Seed = 33;
        const int Kills = 20;
        var random = new Random(Seed);
        var client = await stack.ClientAsync();
        await using var kernel = await Parts.CreateAsync(new Place(stack, "", stack.ConnectionString), setUp: false);
        var monitor = VersionMonitor.Start(stack, client.Tenant);
        var load = Load.Start(Seed, client.Tenant, client, kernel.Commands, maxWrites: 20_000);

        for (var kill = 1; kill <= Kills; kill++)
        {
            if (kill % 2 == 1)
            {
                // Half of them are killed before they have read anything; these are in the midst of it.
                var seen = await stack.Postgres.SumOfVersionsAsync(client.Tenant);
                await load.WaitForAsync(20);
                await Eventually.GetAsync(
                    $"the worker projects (seed {Seed}, kill {kill})",
                    () => stack.Postgres.SumOfVersionsAsync(client.Tenant),
                    now => now > seen,
                    TimeSpan.FromSeconds(60));
            }

            // At which moment is the seed's choice.
            await Task.Delay(random.Next(700), TestContext.Current.CancellationToken);
            await stack.KillAsync(FaultStack.Worker);
            await stack.LaunchAsync(FaultStack.Worker);
        }

        var acks = await load.StopAsync();
        var commands = await stack.Oracle.CheckAsync(client.Tenant, acks);
        await monitor.StopAsync();
        Assert.True(acks.Count > 300, $"Only {acks.Count} writes were acknowledged.");
        Assert.True(commands >= acks.Count, $"{acks.Count} acknowledged, {commands} commands.");
        await stack.WaitUntilHealthyAsync(FaultStack.Worker, TestContext.Current.CancellationToken);
    }

    // 37
    [Fact]
    public async Task A_worker_that_is_asked_to_end_gives_its_shards_up_and_the_next_one_goes_on_at_once()
    {
        var client = await stack.ClientAsync();
        var monitor = VersionMonitor.Start(stack, client.Tenant);
        var load = Load.Start(37, client.Tenant, client, null);
        for (var round = 0; round < 2; round++)
        {
            await load.WaitForAsync(40);
            var asked = Stopwatch.GetTimestamp();
            await stack.StopAsync(FaultStack.Worker);
            var took = Stopwatch.GetElapsedTime(asked);
            Assert.True(took < TimeSpan.FromSeconds(10), $"It took {took} to end.");

            var left = await stack.LeasesAsync();
            Assert.All(left.Where(lease => !lease.IsFinished), lease => Assert.Null(lease.Owner));
            Assert.Contains(left, lease => !lease.IsFinished && lease.Checkpoint is not null);
            await load.WaitForAsync(20);

            await stack.StartAsync(FaultStack.Worker);
            await Eventually.IsTrueAsync(
                "the shards are read again", async () => (await stack.LeasesAsync()).All(lease => lease.IsFinished || lease.Owner is not null));
        }

        await stack.Oracle.CheckAsync(client.Tenant, await load.StopAsync());
        await monitor.StopAsync();
    }
}
