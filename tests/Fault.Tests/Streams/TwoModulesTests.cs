using Cqrs.Hosting;
using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FaultTests.Streams;

/// <summary>Two modules in one worker. Each has a replay, and both go by the same name.</summary>
[Collection(KernelCollection.Name)]
public sealed class TwoModulesTests(FaultStack stack)
{
    private const string Held = "held";
    private const string Going = "going";

    [Fact]
    public async Task While_the_replay_of_one_is_held_another_ones_that_ends_does_not_make_the_worker_healthy()
    {
        var handler = new MemoryHandler("memory") { Fails = _ => new TimeoutException("The store is down.") };
        await using var parts = await Parts.CreateAsync(
            await Place.NewAsync(stack),
            // Without shards: a replay is all that there is.
            builder => builder.Services.AddSingleton<IDynamoDbStreams>(new ScriptedStreams()),
            builder =>
            {
                MemoryHandler.Module(Held, handler)(builder);
                builder.Services.AddCqrsModule(new CqrsModule(Going, Going.ToUpperInvariant()));
            });
        await new ProductWriter(parts, FaultStack.NewTenant(), Held).PublishAsync("a", "One");
        await parts.StartAsync();
        await Eventually.IsTrueAsync("the first replay of the other has ended", async () => (await ReplayAsync(parts, Going))?.IsFinished == true);
        await Eventually.IsTrueAsync("the worker is unhealthy", async () => await HealthAsync(parts) == HealthStatus.Unhealthy);

        await new ShardLeaseStore(parts.Dynamo, parts.Place.Tables, TimeProvider.System)
            .RequestReplayAsync((await ReplayAsync(parts, Going))!.StreamArn, TestContext.Current.CancellationToken);
        var seen = new HashSet<HealthStatus>();
        await Eventually.IsTrueAsync("the second replay of the other has ended", async () =>
        {
            seen.Add(await HealthAsync(parts));
            return (await ReplayAsync(parts, Going))?.IsFinished == true;
        });
        seen.Add(await HealthAsync(parts));
        Assert.Equal([HealthStatus.Unhealthy], seen);

        handler.Fails = null;
        await Eventually.IsTrueAsync("the worker is healthy", async () => await HealthAsync(parts) == HealthStatus.Healthy);
        Assert.Single(handler.Rows);
    }

    private static async Task<HealthStatus> HealthAsync(Parts parts) =>
        (await parts.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Status;

    private async Task<ShardLease?> ReplayAsync(Parts parts, string module)
    {
        var leases = await Queries.LeasesAsync(stack.Dynamo, parts.Place.Tables, new CqrsModule(module, module.ToUpperInvariant()));
        return leases.SingleOrDefault(lease => lease.ShardId == "#replay");
    }
}
