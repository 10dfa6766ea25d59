using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Cqrs.Items;

namespace Bench.Cases;

/// <summary>How long after the answer to a POST the write is in the data table and in Postgres, at several rates of writing.</summary>
internal static class VisibleCases
{
    private static readonly int[] RatesPerSecond = [1, 50, 200];

    public static Task DataAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("visible-data", stack, isQuick, async sk =>
            (await stack.DynamoDb.GetItemAsync("product-data", ItemFormat.ToKey("PRODUCT#visible", sk), true, cancellationToken)).IsItemSet, cancellationToken);

    public static Task PostgresAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("visible-postgres", stack, isQuick, async sk =>
        {
            await using var command = stack.Postgres.CreateCommand("SELECT 1 FROM products WHERE id = @id");
            command.Parameters.AddWithValue("id", $"PRODUCT#visible#{sk}");
            return await command.ExecuteScalarAsync(cancellationToken) is not null;
        }, cancellationToken);

    private static async Task RunAsync(
        string name, BenchStack stack, bool isQuick, Func<string, Task<bool>> isThere, CancellationToken cancellationToken)
    {
        using var http = await stack.SignInAsync("visible", cancellationToken);
        // The first requests pay for compilation, in the services and here.
        await MeasureAsync(http, 50, isQuick ? 150 : 500, isThere, cancellationToken);
        foreach (var rate in RatesPerSecond)
        {
            var times = await MeasureAsync(http, rate, Math.Max(isQuick ? 5 : 30, rate * (isQuick ? 2 : 20)), isThere, cancellationToken);
            Report.Print(name, rate, Report.Median(times), "ms", null, times);
        }
    }

    private static async Task<double[]> MeasureAsync(
        HttpClient http, int rate, int count, Func<string, Task<bool>> isThere, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var writes = new List<Task<double>>();
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(started);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, cancellationToken);
            }

            writes.Add(WriteAsync(http, i, isThere, cancellationToken));
        }

        return await Task.WhenAll(writes);
    }

    private static async Task<double> WriteAsync(HttpClient http, int i, Func<string, Task<bool>> isThere, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("/api/product", Sample.Body(i), cancellationToken);
        response.EnsureSuccessStatusCode();
        var answered = Stopwatch.GetTimestamp();
        var sk = (await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken))!["sk"]!.GetValue<string>();
        return await UntilAsync(answered, () => isThere(sk));
    }

    private static async Task<double> UntilAsync(long since, Func<Task<bool>> isThere)
    {
        while (!await isThere())
        {
            await Task.Delay(2);
        }

        return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
    }
}
