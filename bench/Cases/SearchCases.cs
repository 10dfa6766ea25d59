using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Cqrs.Items;

namespace Bench.Cases;

/// <summary>Searching a tenant's products over HTTP, as a page does: rows and total. <c>conc</c> is how many products the tenant has.</summary>
internal static class SearchCases
{
    private const string Tenant = "search";
    private const int WritesPerSecond = 50;

    private static readonly string[] Shallow =
    [
        "", "?orderBys=name", "?orderBys=-updatedAt", "?keyword=product+4711", "?keyword=category+7", "?category=Category+7&orderBys=-price",
        "?minPrice=100&maxPrice=110&orderBys=price", "?code=none", "?page=2&pageSize=100",
    ];

    private static readonly string[] Deep =
    [
        "?page=500", "?page=500&orderBys=name", "?page=500&orderBys=-price", "?page=100&keyword=category+7&orderBys=createdAt", "?page=500&pageSize=100",
    ];

    public static Task ShallowAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("search", Shallow, stack, isQuick, cancellationToken);

    public static Task DeepAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("search-deep", Deep, stack, isQuick, cancellationToken);

    private static async Task RunAsync(string name, string[] queries, BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        var rows = Environment.GetEnvironmentVariable("BENCH_ROWS") is { } asked
            ? int.Parse(asked, CultureInfo.InvariantCulture)
            : isQuick ? 20_000 : 100_000;
        await LoadAsync(stack, rows, cancellationToken);
        using var http = await stack.SignInAsync(Tenant, cancellationToken);
        var times = isQuick ? 15 : 100;

        // First as a busy table is, with what autovacuum does by itself: somebody else writes to it. It comes by within a minute of so many rows.
        if (!isQuick)
        {
            await WaitForAutovacuumAsync(stack, cancellationToken);
        }

        var written = (await MeasureBesideWritesAsync()).SelectMany(one => one.Ms).ToList();
        await ExecuteAsync(stack, "VACUUM ANALYZE products", cancellationToken);
        var quiet = await MeasureAsync();
        var all = quiet.SelectMany(one => one.Ms).ToList();
        Report.Print(
            name,
            rows,
            new Figure(Report.Median(all), "ms", LatenciesMs: all),
            [
                new Figure(Report.Median(written), "ms", LatenciesMs: written, What: $"beside {WritesPerSecond} writes/s, not vacuumed by hand"),
                .. quiet.Select(one => new Figure(Report.Median(one.Ms), "ms", LatenciesMs: one.Ms, What: one.Query.Length > 0 ? one.Query : "newest")),
            ]);

        async Task<List<(string Query, IReadOnlyList<double> Ms)>> MeasureAsync()
        {
            var measured = new List<(string Query, IReadOnlyList<double> Ms)>();
            foreach (var query in queries)
            {
                await SearchAsync(10, query);
                measured.Add((query, (await SearchAsync(times, query)).LatenciesMs));
            }

            return measured;
        }

        Task<Measured> SearchAsync(int count, string query) =>
            Load.RunAsync(count, 1, _ => http.GetStringAsync($"/api/product/data{query}", cancellationToken));

        async Task<List<(string Query, IReadOnlyList<double> Ms)>> MeasureBesideWritesAsync()
        {
            using var writer = await stack.SignInAsync(Tenant, cancellationToken, "writer");
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var writing = WriteAsync(writer, stop.Token);
            var measured = await MeasureAsync();
            if (writing.IsFaulted)
            {
                await writing;
            }

            await stop.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return measured;
        }
    }

    // A second's products are new, and in the next second they change.
    private static Task WriteAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        return Load.AtRateAsync(WritesPerSecond, int.MaxValue, async i =>
        {
            using var response = await http.PostAsJsonAsync("/api/product", Sample.Body(i, $"{run}-{(i / WritesPerSecond / 2 * WritesPerSecond) + (i % WritesPerSecond)}", version: -1), cancellationToken);
            response.EnsureSuccessStatusCode();
        }, cancellationToken);
    }

    private static async Task LoadAsync(BenchStack stack, int rows, CancellationToken cancellationToken)
    {
        await using var count = stack.Postgres.CreateCommand("SELECT count(*) FROM products WHERE tenant_code = 'search'");
        if ((long)(await count.ExecuteScalarAsync(cancellationToken))! > 0)
        {
            return;
        }

        await using var kernel = await stack.StartKernelAsync("", withWorkers: false, cancellationToken);
        var sks = Enumerable.Range(0, rows).Select(_ => Keys.GenerateSk()).ToList();
        await ItemsInData.WriteRowsAsync(kernel, Tenant, sks, cancellationToken);
        await ExecuteAsync(stack, "ANALYZE products", cancellationToken);
    }

    private static async Task WaitForAutovacuumAsync(BenchStack stack, CancellationToken cancellationToken)
    {
        await using var isDone = stack.Postgres.CreateCommand("SELECT last_autovacuum IS NOT NULL FROM pg_stat_user_tables WHERE relname = 'products'");
        for (var deadline = Stopwatch.StartNew(); await isDone.ExecuteScalarAsync(cancellationToken) is not true;)
        {
            if (deadline.Elapsed > TimeSpan.FromMinutes(5))
            {
                throw new TimeoutException("Autovacuum has not come to the table of products.");
            }

            await Task.Delay(500, cancellationToken);
        }
    }

    private static async Task ExecuteAsync(BenchStack stack, string statement, CancellationToken cancellationToken)
    {
        await using var command = stack.Postgres.CreateCommand(statement);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
