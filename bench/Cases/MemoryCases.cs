using System.Globalization;
using Cqrs;
using Microsoft.Extensions.DependencyInjection;
using Modules.Products;

namespace Bench.Cases;

/// <summary>The most memory that the worker's process takes while it gets through a backlog, small and large.</summary>
internal static class MemoryCases
{
    private const string Worker = "product-syncworker";

    public static async Task WorkerAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        await using var kernel = await stack.StartKernelAsync("", withWorkers: false, cancellationToken);
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        var projected = 0L;
        foreach (var backlog in isQuick ? new[] { 2000, 10_000 } : [10_000, 100_000])
        {
            await stack.CommandAsync(Worker, "resource-stop", cancellationToken);
            await Load.RunAsync(backlog, 32, i => commands.PublishAsync(Sample.Create("memory", Keys.GenerateSk(), i), Sample.Options, cancellationToken));
            await stack.CommandAsync(Worker, "resource-start", cancellationToken);
            projected += backlog;
            var peak = 0.0;
            while (await CountAsync(stack, cancellationToken) < projected)
            {
                peak = Math.Max(peak, ResidentMb(stack));
                await Task.Delay(100, cancellationToken);
            }

            Report.Print("memory-worker", backlog, Math.Max(peak, ResidentMb(stack)), "MB");
        }
    }

    private static double ResidentMb(BenchStack stack)
    {
        try
        {
            var line = File.ReadLines($"/proc/{stack.ProcessOf(Worker)}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
        catch (Exception notRunning) when (notRunning is IOException or InvalidOperationException)
        {
            return 0;
        }
    }

    private static async Task<long> CountAsync(BenchStack stack, CancellationToken cancellationToken)
    {
        await using var command = stack.Postgres.CreateCommand("SELECT count(*) FROM products WHERE tenant_code = 'memory'");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
