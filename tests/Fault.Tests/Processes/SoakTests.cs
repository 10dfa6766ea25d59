using System.Diagnostics;
using System.Globalization;
using AppHostRuns;

namespace FaultTests.Processes;

/// <summary>
/// All faults, in any order, again and again, with two workers: SOAK_MINUTES says for how long (default: 2), SOAK_SEED which (default: by chance).
/// </summary>
[Collection(OwnProcesses.Name)]
public sealed class SoakTests(SoakTests.OwnStack stack) : IClassFixture<SoakTests.OwnStack>
{
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(
        double.Parse(Environment.GetEnvironmentVariable("SOAK_MINUTES") ?? "2", CultureInfo.InvariantCulture));

    private IReadOnlyList<string> _workers = [];

    [Fact]
    public async Task Whatever_fails_in_whatever_order_the_read_models_end_as_a_replay_of_the_commands()
    {
        var seed = Environment.GetEnvironmentVariable("SOAK_SEED") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next(1_000_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"SOAK_SEED={seed}");
        TestContext.Current.SendDiagnosticMessage($"SOAK_SEED={seed}");
        var random = new Random(seed);
        var started = Stopwatch.GetTimestamp();
        var (rounds, commands) = (0, 0);
        _workers = await stack.App.ReplicasAsync(FaultStack.Worker, 2, TestContext.Current.CancellationToken);
        await using var kernel = await Parts.CreateAsync(new Place(stack, "", stack.ConnectionString), setUp: false);
        while (Stopwatch.GetElapsedTime(started) < Duration)
        {
            var told = new List<string> { $"seed {seed}, round {++rounds}" };
            try
            {
                commands += await RoundAsync(kernel, random, told);
                TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", told));
            }
            catch (Exception failure) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                throw new InvalidOperationException($"{string.Join(", ", told)}: {failure.Message}", failure);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{rounds} rounds, {commands} commands");
        Assert.True(rounds > 0 && commands > 0);
    }

    private async Task<int> RoundAsync(Parts kernel, Random random, List<string> told)
    {
        var client = await stack.ClientAsync();
        var monitor = VersionMonitor.Start(stack, client.Tenant);
        var load = Load.Start(random.Next(), client.Tenant, client, kernel.Commands, items: 30);
        var operations = new SoakOperations(client, await stack.ClientAsync(query: "user=anna&role=admin"), new Random(random.Next()));
        await operations.PrepareAsync();
        await load.WaitForAsync(20);
        var operating = operations.RunAsync();
        for (var faults = random.Next(1, 4); faults > 0; faults--)
        {
            await FaultAsync(random, told);
        }

        await operating;
        await load.WaitForAsync(10);
        var acks = await load.StopAsync();
        var commands = await stack.Oracle.CheckAsync(client.Tenant, acks);
        await monitor.StopAsync();
        Assert.Equal(0, await stack.ParkedAsync(client.Tenant));
        Assert.Equal(SoakOperations.Left, await stack.Oracle.CheckAsync(operations.Purged));
        return commands;
    }

    private async Task FaultAsync(Random random, List<string> told)
    {
        var fault = random.Next(10);
        var worker = _workers[random.Next(_workers.Count)];
        var length = TimeSpan.FromMilliseconds(random.Next(100, 3500));
        told.Add($"fault {fault} of {worker} or another for {length.TotalMilliseconds} ms");
        switch (fault)
        {
            case 0:
                await stack.KillAsync(worker);
                await LastAsync(length);
                await stack.StartAsync(worker);
                break;
            case 1:
                await stack.StopAsync(worker);
                await LastAsync(length);
                await stack.StartAsync(worker);
                break;
            case 2:
                await stack.KillAsync(FaultStack.Api);
                await stack.StartAsync(FaultStack.Api);
                break;
            case 3:
                // Sometimes for longer than its lease.
                using (await stack.FreezeAsync(worker))
                {
                    await LastAsync(length);
                }

                break;
            case 4:
                using (await stack.FreezeAsync(FaultStack.PostgresServer))
                {
                    await LastAsync(length);
                }

                break;
            case 5:
                await stack.KillAsync(FaultStack.PostgresServer);
                await LastAsync(length);
                await stack.StartAsync(FaultStack.PostgresServer);
                break;
            case 6:
                using (await stack.FreezeAsync(FaultStack.DynamoDb))
                {
                    await LastAsync(length);
                }

                break;
            case 7:
                await stack.KillAsync(FaultStack.DynamoDb);
                await LastAsync(length);
                await stack.StartAsync(FaultStack.DynamoDb);
                break;
            case 8:
                // Nobody reads; then both at once.
                await Task.WhenAll(_workers.Select(stack.KillAsync));
                await LastAsync(length);
                await Task.WhenAll(_workers.Select(stack.StartAsync));
                break;
            default:
                // Both sides of the workers at once; one of them joins later.
                await stack.StopAsync(FaultStack.PostgresServer);
                await Task.WhenAll(_workers.Select(stack.KillAsync));
                await LastAsync(length);
                await stack.StartAsync(FaultStack.PostgresServer);
                await stack.StartAsync(worker);
                await stack.StartAsync(_workers.Single(other => other != worker));
                break;
        }
    }

    private static Task LastAsync(TimeSpan length) => Task.Delay(length, TestContext.Current.CancellationToken);

    /// <summary>A stack of its own, with two workers.</summary>
    public sealed class OwnStack : FaultStack
    {
        protected override IReadOnlyList<string> Arguments => ["--fresh", "--worker-replicas=2"];
    }
}
