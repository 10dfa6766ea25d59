using System.Diagnostics;
using Aspire.Hosting.Testing;

namespace Bench.Cases;

/// <summary>From the start of a host's process until it says that it is ready, and what it then takes. The stores are up.</summary>
internal static class StartCases
{
    public static Task ApiAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("start-api", stack, BenchStack.Api, isQuick, cancellationToken);

    public static Task WorkerAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("start-worker", stack, BenchStack.Worker, isQuick, cancellationToken);

    private static async Task RunAsync(string name, BenchStack stack, string host, bool isQuick, CancellationToken cancellationToken)
    {
        using var http = stack.App.CreateHttpClient(host);
        var times = new List<double>();
        var memory = 0.0;
        for (var round = 0; round < (isQuick ? 3 : 7); round++)
        {
            await stack.CommandAsync(host, "resource-stop", cancellationToken);
            var started = Stopwatch.GetTimestamp();
            await stack.CommandAsync(host, "resource-start", cancellationToken);
            while (!await IsReadyAsync(http, cancellationToken))
            {
                await Task.Delay(5, cancellationToken);
            }

            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            memory = Math.Max(memory, stack.ResidentMb(host));
        }

        Report.Print(name, 1, Report.Median(times), "ms", null, times);
        Report.Print($"{name} memory", 1, memory, "MB");
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
