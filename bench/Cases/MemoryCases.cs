using Cqrs;
using Microsoft.Extensions.DependencyInjection;
using Modules.Products;

namespace Bench.Cases;

/// <summary>The most memory that the worker's process takes while it gets through a backlog, small and large; and what the other hosts take then.</summary>
internal static class MemoryCases
{
    public static async Task WorkerAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        await using var kernel = await stack.StartKernelAsync("", withWorkers: false, cancellationToken);
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        var projected = 0L;
        foreach (var backlog in isQuick ? new[] { 1000, 5000 } : [10_000, 100_000])
        {
            await stack.CommandAsync(BenchStack.Worker, "resource-stop", cancellationToken);
            await Load.RunAsync(backlog, 32, i => commands.PublishAsync(Sample.Create("memory", Keys.GenerateSk(), i), Sample.Options, cancellationToken));
            await stack.CommandAsync(BenchStack.Worker, "resource-start", cancellationToken);
            projected += backlog;
            var peak = 0.0;
            while (await CountAsync(stack, cancellationToken) < projected)
            {
                peak = Math.Max(peak, stack.ResidentMb(BenchStack.Worker));
                await Task.Delay(100, cancellationToken);
            }

            Report.Print("memory-worker", backlog, Math.Max(peak, stack.ResidentMb(BenchStack.Worker)), "MB");
        }

        Report.Print("memory-worker api", 1, stack.ResidentMb(BenchStack.Api), "MB");
        Report.Print("memory-worker web", 1, stack.ResidentMb(BenchStack.Web), "MB");
    }

    private static async Task<long> CountAsync(BenchStack stack, CancellationToken cancellationToken)
    {
        await using var command = stack.Postgres.CreateCommand("SELECT count(*) FROM products WHERE tenant_code = 'memory'");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
