using System.Net;

namespace FaultTests.Processes;

/// <summary>DynamoDB is away for a while (FAULT_SECONDS, default 30).</summary>
[Collection(SharedProcesses.Name)]
public sealed class DynamoDbStoppedTests(KilledStack stack)
{
    // 35
    [Fact]
    public async Task While_DynamoDB_is_down_the_API_says_when_to_come_back_and_leaves_no_half_command()
    {
        var client = await stack.ClientAsync();
        await using var kernel = await Parts.CreateAsync(new Place(stack, "", stack.ConnectionString), setUp: false);
        var monitor = VersionMonitor.Start(stack, client.Tenant);
        var load = Load.Start(35, client.Tenant, client, kernel.Commands, maxWrites: 20_000);
        await load.WaitForAsync(60);

        await stack.StopAsync(FaultStack.DynamoDb);
        var downSince = DateTimeOffset.UtcNow;
        foreach (var ask in new Func<Task<Answer>>[]
        {
            () => client.PostAsync(new { name = "Refused", sk = "refused" }),
            () => client.PostAsync(new { name = "Refused", sk = "refused" }, "?mode=sync"),
            () => client.PatchAsync("item-001", new { name = "Refused" }, ("If-Match", "*")),
            () => client.GetAsync("item-001"),
            () => client.ListAsync(),
            () => client.HistoryAsync("item-001"),
        })
        {
            var answer = (await ask()).IsProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
            Assert.NotNull(answer.Response.Headers.RetryAfter);
        }

        var job = (await client.SendAsync(HttpMethod.Put, $"/api/product/resync-data/{Uri.EscapeDataString(client.Pk)}")).Is(HttpStatusCode.Accepted);
        Assert.Equal(503, await stack.HealthAsync(FaultStack.Api));
        await Eventually.GetAsync("the worker is unhealthy", () => stack.HealthAsync(FaultStack.Worker), status => status == 503);
        var left = downSince + PostgresStoppedTests.Outage - DateTimeOffset.UtcNow;
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TestContext.Current.CancellationToken);

        await stack.StartAsync(FaultStack.DynamoDb);

        await load.WaitForAsync(40);
        var acks = await load.StopAsync();
        Assert.True(load.Faults > 0);
        await stack.Oracle.CheckAsync(client.Tenant, acks);
        await monitor.StopAsync();
        // The job waited too.
        await Eventually.GetAsync(
            "the resync is completed",
            async () => (await client.SendAsync(HttpMethod.Get, job.Response.Headers.Location!.OriginalString)).Json["status"]!.GetValue<string>(),
            status => status == "COMPLETED",
            TimeSpan.FromSeconds(40));
        (await client.GetAsync("refused")).IsProblem(HttpStatusCode.NotFound, "not-found");
        foreach (var service in new[] { FaultStack.Api, FaultStack.Worker })
        {
            await Eventually.GetAsync($"{service} is healthy", () => stack.HealthAsync(service), status => status == 200);
        }
    }
}
