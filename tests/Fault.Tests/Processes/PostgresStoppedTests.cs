using System.Globalization;
using System.Net;

namespace FaultTests.Processes;

/// <summary>Postgres is away for a while. FAULT_SECONDS says how long (default: 30).</summary>
[Collection(SharedProcesses.Name)]
public sealed class PostgresStoppedTests(KilledStack stack)
{
    internal static readonly TimeSpan Outage = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("FAULT_SECONDS") ?? "30", CultureInfo.InvariantCulture));

    // Longer than a service may take to say how it is, shorter than a load balancer's patience.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(4);

    // 34
    [Fact]
    public async Task While_Postgres_is_down_nothing_is_parked_the_worker_says_so_and_then_all_catches_up()
    {
        var client = await stack.ClientAsync();
        var operators = await stack.OperatorAsync();
        var monitor = VersionMonitor.Start(stack, client.Tenant);
        var load = Load.Start(34, client.Tenant, client, null, maxWrites: 20_000);
        await load.WaitForAsync(30);

        await stack.StopAsync(FaultStack.PostgresServer);
        var downSince = DateTimeOffset.UtcNow;
        await load.WaitForAsync(30);
        await Eventually.GetAsync("the worker is unhealthy", () => stack.HealthAsync(FaultStack.Worker), status => status == 503);
        var first = await Eventually.GetAsync("there is a lag", () => LagAsync(operators), lag => lag > 500);
        await Eventually.GetAsync("the lag rises", () => LagAsync(operators), lag => lag > first + 1000);
        Assert.Equal(200, await stack.HealthAsync(FaultStack.Api));
        (await client.SearchAsync()).IsProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        Assert.NotNull((await client.SearchAsync()).Response.Headers.RetryAfter);
        var left = downSince + Outage - DateTimeOffset.UtcNow;
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TestContext.Current.CancellationToken);
        await load.WaitForAsync(10);
        Assert.Equal(503, await stack.HealthAsync(FaultStack.Worker));

        await stack.StartAsync(FaultStack.PostgresServer);

        await stack.Oracle.CheckAsync(client.Tenant, await load.StopAsync());
        Assert.Equal(0, load.Faults);
        Assert.Equal(0, await stack.ParkedAsync(client.Tenant));
        await Eventually.GetAsync("the worker is healthy", () => stack.HealthAsync(FaultStack.Worker), status => status == 200);
        await Eventually.GetAsync("there is no lag", () => LagAsync(operators), lag => lag == 0);
        await monitor.StopAsync();
    }

    // 34, where connections stay open and nobody answers
    [Fact]
    public async Task While_Postgres_hangs_nothing_is_parked_and_then_all_catches_up()
    {
        var client = await stack.ClientAsync();
        var load = Load.Start(340, client.Tenant, client, null);
        await load.WaitForAsync(30);

        using (await stack.FreezeAsync(FaultStack.PostgresServer))
        {
            var waiting = client.PostAsync(new { name = "Who waits for Postgres" }, "?mode=sync");
            var search = client.SearchAsync();
            await load.WaitForAsync(8);
            Assert.Equal(503, await stack.HealthAsync(FaultStack.Worker).WaitAsync(Soon, TestContext.Current.CancellationToken));
            Assert.Equal(200, await stack.HealthAsync(FaultStack.Api).WaitAsync(Soon, TestContext.Current.CancellationToken));
            (await waiting).Is(HttpStatusCode.Accepted);
            (await search).IsProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        }

        await stack.Oracle.CheckAsync(client.Tenant, await load.StopAsync());
        Assert.Equal(0, await stack.ParkedAsync(client.Tenant));
    }

    [Fact]
    public async Task A_Postgres_that_comes_up_empty_is_filled_again_from_the_commands()
    {
        var client = await stack.ClientAsync();
        // Its events will have lower ids than those of the one before.
        await stack.Postgres.ExecuteAsync("SELECT setval('events_id_seq', (SELECT last_value + 1000000 FROM events_id_seq))");
        await using var events = await EventLines.FollowAsync(stack, client.Tenant);
        (await client.PostAsync(new { sk = "before", name = "Before" })).Is(HttpStatusCode.Created);
        await events.SeeAsync("before");
        var load = Load.Start(341, client.Tenant, client, null);
        await load.WaitForAsync(60);

        await using (var drop = stack.Postgres.CreateCommand("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
        {
            await drop.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await load.WaitForAsync(60);

        await stack.Oracle.CheckAsync(client.Tenant, await load.StopAsync());
        Assert.Equal(0, await stack.ParkedAsync(client.Tenant));
        await Eventually.GetAsync("the worker is healthy", () => stack.HealthAsync(FaultStack.Worker), status => status == 200);

        // Who listened all the time hears of what is new.
        (await client.PostAsync(new { sk = "after", name = "After" })).Is(HttpStatusCode.Created);
        await events.SeeAsync("after");
    }

    private static async Task<long> LagAsync(ApiClient operators) =>
        (await operators.SendAsync(HttpMethod.Get, "/api/ops/sync")).Is(HttpStatusCode.OK).Json["lagMs"]!.GetValue<long>();
}
