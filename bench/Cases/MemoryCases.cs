using AppHostRuns;
namespace Bench.Cases;

/// <summary>
/// The most memory that the worker's process takes while it gets through a backlog, small and large; and the most that the API took to accept it, and
/// the front end at rest.
/// </summary>
internal static class MemoryCases
{
    public static async Task WorkerAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        const int InRequest = 100;
        using var http = await stack.SignInAsync("memory", cancellationToken);
        var total = 0L;
        foreach (var backlog in isQuick ? new[] { 500, 2000 } : [10_000, 100_000])
        {
            await using (await stack.WithoutWorkerAsync(cancellationToken))
            {
                await HttpPublishCases.PostManyAsync(http, backlog / InRequest, InRequest, 4, cancellationToken);
            }

            total += backlog;
            while (await CountAsync(stack, cancellationToken) < total)
            {
                await Task.Delay(200, cancellationToken);
            }

            Report.Print(
                "memory-worker",
                backlog,
                Peak(BenchStack.Worker),
                Now(BenchStack.Worker, "worker, afterwards"),
                Peak(BenchStack.Api) with { What = "API, at most" },
                Now(BenchStack.Api, "API, afterwards"),
                Peak(BenchStack.Web) with { What = "front end at rest, at most" });
        }

        Figure Peak(string host) => new(stack.App.MemoryOf(host).Peak, "MB");

        Figure Now(string host, string what) => new(stack.App.MemoryOf(host).Now, "MB", What: what);
    }

    private static async Task<long> CountAsync(BenchStack stack, CancellationToken cancellationToken)
    {
        await using var command = stack.Postgres.CreateCommand("SELECT count(*) FROM products WHERE tenant_code = 'memory'");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
