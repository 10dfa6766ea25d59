using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Cqrs.Items;

namespace Bench.Cases;

/// <summary>
/// How long after the answer to a POST the write is in the data table and in Postgres, at several rates of writing. One watcher asks for all that is
/// awaited at once: if each write asked for itself, the questions would be the load.
/// </summary>
internal static class VisibleCases
{
    private static readonly int[] RatesPerSecond = [1, 50, 200];

    public static Task DataAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("visible-data", stack, isQuick, async sks =>
        {
            var items = await BatchReader.ReadAsync(
                stack.DynamoDb, "product-data", sks.Select(sk => ItemFormat.ToKey("PRODUCT#visible", sk)), cancellationToken, "sk");
            return [.. items.Select(item => item["sk"].S)];
        }, cancellationToken);

    public static Task PostgresAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("visible-postgres", stack, isQuick, async sks =>
        {
            await using var command = stack.Postgres.CreateCommand("SELECT sk FROM products WHERE id = ANY(@ids)");
            command.Parameters.AddWithValue("ids", sks.Select(sk => $"PRODUCT#visible#{sk}").ToArray());
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var found = new List<string>();
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(reader.GetString(0));
            }

            return found;
        }, cancellationToken);

    private static async Task RunAsync(
        string name, BenchStack stack, bool isQuick, Func<ICollection<string>, Task<List<string>>> findAsync, CancellationToken cancellationToken)
    {
        using var http = await stack.SignInAsync("visible", cancellationToken);
        // The first requests pay for compilation, in the services and here.
        await MeasureAsync(http, 50, isQuick ? 150 : 500, findAsync, cancellationToken);
        foreach (var rate in RatesPerSecond)
        {
            var times = await MeasureAsync(http, rate, Math.Max(isQuick ? 5 : 30, rate * (isQuick ? 2 : 20)), findAsync, cancellationToken);
            Report.Print(name, rate, new Figure(Report.Median(times), "ms", LatenciesMs: times));
        }
    }

    private static async Task<List<double>> MeasureAsync(
        HttpClient http, int rate, int count, Func<ICollection<string>, Task<List<string>>> findAsync, CancellationToken cancellationToken)
    {
        var awaited = new ConcurrentDictionary<string, long>();
        var watching = WatchAsync(awaited, count, findAsync, cancellationToken);
        await Load.AtRateAsync(rate, count, i => WriteAsync(http, i, awaited, cancellationToken), cancellationToken);
        return await watching;
    }

    private static async Task WriteAsync(
        HttpClient http, int i, ConcurrentDictionary<string, long> awaited, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("/api/product", Sample.Body(i), cancellationToken);
        var answered = Stopwatch.GetTimestamp();
        response.EnsureSuccessStatusCode();
        awaited[(await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken))!["sk"]!.GetValue<string>()] = answered;
    }

    private static async Task<List<double>> WatchAsync(
        ConcurrentDictionary<string, long> awaited,
        int count,
        Func<ICollection<string>, Task<List<string>>> findAsync,
        CancellationToken cancellationToken)
    {
        var times = new List<double>();
        while (times.Count < count)
        {
            var sks = awaited.Keys;
            foreach (var sk in sks.Count > 0 ? await findAsync(sks) : [])
            {
                awaited.Remove(sk, out var answered);
                times.Add(Stopwatch.GetElapsedTime(answered).TotalMilliseconds);
            }

            await Task.Delay(2, cancellationToken);
        }

        return times;
    }
}
