using System.Diagnostics;
using AppHostRuns;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Bench.Cases;

/// <summary>From the start of a host's process until it says that it is ready, and what it then takes. The stores are up.</summary>
internal static class StartCases
{
    public static Task ApiAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("start-api", stack, BenchStack.Api, isQuick, cancellationToken);

    public static Task WorkerAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("start-worker", stack, BenchStack.Worker, isQuick, cancellationToken);

    public static Task WebAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("start-web", stack, BenchStack.Web, isQuick, cancellationToken);

    private static async Task RunAsync(string name, BenchStack stack, string host, bool isQuick, CancellationToken cancellationToken)
    {
        // With nothing around it: one that tries again after a while would tell how long it waited.
        using var http = new HttpClient { BaseAddress = stack.App.GetEndpoint(host) };
        var times = new List<double>();
        var (now, peak) = (0.0, 0.0);
        for (var round = 0; round < (isQuick ? 3 : 7); round++)
        {
            await stack.App.ExecuteAsync(host, KnownResourceCommands.StopCommand, cancellationToken);
            var started = Stopwatch.GetTimestamp();
            await stack.App.ExecuteAsync(host, KnownResourceCommands.StartCommand, cancellationToken);
            while (!await IsReadyAsync(http, cancellationToken))
            {
                await Task.Delay(5, cancellationToken);
            }

            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            var memory = stack.App.MemoryOf(host);
            (now, peak) = (Math.Max(now, memory.Now), Math.Max(peak, memory.Peak));
        }

        Report.Print(
            name,
            1,
            new Figure(Report.Median(times), "ms", LatenciesMs: times),
            new Figure(now, "MB", What: "memory when it is ready"),
            new Figure(peak, "MB", What: "memory, at most"));
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync("/health", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
