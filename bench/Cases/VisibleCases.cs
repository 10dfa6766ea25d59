using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using Cqrs;

namespace Bench.Cases;

/// <summary>How long after the answer to a POST the write is in the data table and in Postgres, at several rates of writing.</summary>
internal static class VisibleCases
{
    private static readonly int[] RatesPerSecond = [1, 50, 200];

    public static async Task RunAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        using var http = stack.App.CreateHttpClient("product-api");
        var token = await http.GetStringAsync("/dev/token?user=bench&tenant=bench", cancellationToken);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        // The first requests pay for compilation, in the services and here.
        await MeasureAsync(stack, http, 50, 150, cancellationToken);
        foreach (var rate in RatesPerSecond)
        {
            var count = Math.Min(rate * (isQuick ? 5 : 20), isQuick ? 300 : 2000);
            var (data, postgres) = await MeasureAsync(stack, http, rate, Math.Max(count, 10), cancellationToken);
            Report.Print("visible-data", rate, Report.Median(data), "ms", null, data);
            Report.Print("visible-postgres", rate, Report.Median(postgres), "ms", null, postgres);
        }
    }

    private static async Task<(List<double> Data, List<double> Postgres)> MeasureAsync(
        BenchStack stack, HttpClient http, int rate, int count, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var writes = new List<Task<(double Data, double Postgres)>>();
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(started);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, cancellationToken);
            }

            writes.Add(WriteAsync(stack, http, i, cancellationToken));
        }

        var times = await Task.WhenAll(writes);
        return ([.. times.Select(t => t.Data)], [.. times.Select(t => t.Postgres)]);
    }

    private static async Task<(double Data, double Postgres)> WriteAsync(
        BenchStack stack, HttpClient http, int i, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("/api/product", new { name = $"Product {i}" }, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answered = Stopwatch.GetTimestamp();
        var id = (await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken))!["id"]!.GetValue<string>();
        var sk = id[(id.LastIndexOf(Keys.KeySeparator) + 1)..];
        var data = UntilAsync(answered, async () =>
            (await stack.DynamoDb.GetItemAsync("product-data", Cqrs.Items.ItemFormat.ToKey("PRODUCT#bench", sk), true, cancellationToken)).IsItemSet);
        var postgres = UntilAsync(answered, async () =>
        {
            await using var command = stack.Postgres.CreateCommand("SELECT 1 FROM products WHERE id = @id");
            command.Parameters.AddWithValue("id", id);
            return await command.ExecuteScalarAsync(cancellationToken) is not null;
        });
        return (await data, await postgres);
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
