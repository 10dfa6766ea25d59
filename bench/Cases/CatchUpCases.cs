using System.Diagnostics;
using Cqrs.Items;
using Cqrs.Publishing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Products;

namespace Bench.Cases;

/// <summary>How fast a worker gets through a backlog, against the writes that are the least it needs. The clock runs from when it has the lease.</summary>
internal static class CatchUpCases
{
    public static Task CreateAsync(bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("catchup-create", isQuick, isUpdate: false, cancellationToken);

    public static Task UpdateAsync(bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("catchup-update", isQuick, isUpdate: true, cancellationToken);

    /// <summary>Makes the tables of rounds to come, and warms up.</summary>
    public static async Task PrepareAsync(BenchStack stack, IReadOnlyList<string> prefixes, bool isQuick, CancellationToken cancellationToken)
    {
        var warmUp = $"warm-{prefixes[0]}";
        await stack.PrepareTablesAsync(prefixes.Prepend(warmUp).SelectMany(prefix => new[] { prefix, $"{prefix}raw-" }), cancellationToken);
        await CreatesAsync(stack, warmUp, isQuick ? 500 : 5000, cancellationToken);
        await RawProjection.RunAsync(stack, $"{warmUp}raw", isQuick ? 500 : 5000, isUpdate: false, cancellationToken);
    }

    /// <returns>The microseconds that a worker takes for each create of a backlog.</returns>
    public static async Task<double> CreatesAsync(BenchStack stack, string prefix, int count, CancellationToken cancellationToken)
    {
        await using var kernel = await stack.StartKernelAsync(prefix, withWorkers: true, cancellationToken);
        await PublishAsync(kernel, prefix, count, cancellationToken);
        return await CatchUpAsync(stack, kernel, prefix, count, version: 1, cancellationToken);
    }

    private static async Task<double> UpdatesAsync(BenchStack stack, string prefix, int count, CancellationToken cancellationToken)
    {
        // The first versions are projected before the clock runs; then the updates pile up while no worker reads.
        string[] sks;
        await using (var kernel = await stack.StartKernelAsync(prefix, withWorkers: true, cancellationToken))
        {
            sks = await PublishAsync(kernel, prefix, count, cancellationToken);
            await CatchUpAsync(stack, kernel, prefix, count, version: 1, cancellationToken);
        }

        await using var second = await stack.StartKernelAsync(prefix, withWorkers: true, cancellationToken);
        var commands = second.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        await Load.RunAsync(count, 32, i => commands.PublishAsync(Sample.Update(prefix, sks[i], 1, i + 1), Sample.Options, cancellationToken));
        return await CatchUpAsync(stack, second, prefix, count, version: 2, cancellationToken);
    }

    private static async Task RunAsync(string name, bool isQuick, bool isUpdate, CancellationToken cancellationToken)
    {
        var count = isQuick ? 1000 : 20_000;
        var (owns, raws) = (new List<double>(), new List<ProjectionCost>());
        for (var round = 0; round < (isQuick ? 1 : 4); round++)
        {
            // Fresh stores for each: the stream records of the rounds before would slow DynamoDB Local down, most of all the reading of a stream.
            await using var stack = await BenchStack.StartAsync(cancellationToken);
            var prefix = $"{name}-";
            await PrepareAsync(stack, [prefix], isQuick, cancellationToken);
            await TakeTurnsAsync(
                round,
                async () => owns.Add(isUpdate
                    ? await UpdatesAsync(stack, prefix, count, cancellationToken)
                    : await CreatesAsync(stack, prefix, count, cancellationToken)),
                async () => raws.Add(await RawProjection.RunAsync(stack, $"{prefix}raw", count, isUpdate, cancellationToken)));
        }

        Report.Print(name, 1, new Figure(PerSecond(owns), "commands/s", PerSecond(raws.Select(raw => raw.All))));

        static double PerSecond(IEnumerable<double> microseconds) => 1e6 / Report.Median(microseconds);
    }

    public static async Task TakeTurnsAsync(int round, Func<Task> first, Func<Task> second)
    {
        await (round % 2 == 0 ? first() : second());
        await (round % 2 == 0 ? second() : first());
    }

    private static async Task<string[]> PublishAsync(WebApplication kernel, string tenant, int count, CancellationToken cancellationToken)
    {
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        var sks = Enumerable.Range(0, count).Select(_ => Keys.GenerateSk()).ToArray();
        await Load.RunAsync(count, 32, i => commands.PublishAsync(Sample.Create(tenant, sks[i], i), Sample.Options, cancellationToken));
        return sks;
    }

    // Data is written before Postgres: when the last row is there, everything is. To count rows all the while would slow them down.
    private static async Task<double> CatchUpAsync(
        BenchStack stack, WebApplication kernel, string tenant, int count, long version, CancellationToken cancellationToken)
    {
        using var projected = new ProjectedCommands();
        await kernel.StartAsync(cancellationToken);
        var begun = await projected.Begun.WaitAsync(cancellationToken);
        while (projected.Count < count)
        {
            await Task.Delay(10, cancellationToken);
        }

        while (await CountAsync(stack, tenant, version, cancellationToken) < count)
        {
            await Task.Delay(20, cancellationToken);
        }

        var elapsed = Stopwatch.GetElapsedTime(begun);
        await kernel.StopAsync(cancellationToken);
        return elapsed.TotalMicroseconds / count;
    }

    private static async Task<long> CountAsync(BenchStack stack, string tenant, long version, CancellationToken cancellationToken)
    {
        await using var command = stack.Postgres.CreateCommand("SELECT count(*) FROM products WHERE tenant_code = @tenant AND version >= @version");
        command.Parameters.AddWithValue("tenant", tenant);
        command.Parameters.AddWithValue("version", version);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
