using Cqrs;

namespace Bench.Cases;

/// <summary>Searching a tenant's products over HTTP, as a page does: rows and total. <c>conc</c> is how many products the tenant has.</summary>
internal static class SearchCases
{
    private const string Tenant = "search";

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
        var rows = Environment.GetEnvironmentVariable("BENCH_ROWS") is { } asked ? int.Parse(asked) : isQuick ? 20_000 : 100_000;
        await using (var kernel = await stack.StartKernelAsync("", withWorkers: false, cancellationToken))
        {
            await using var count = stack.Postgres.CreateCommand("SELECT count(*) FROM products WHERE tenant_code = 'search'");
            if ((long)(await count.ExecuteScalarAsync(cancellationToken))! == 0)
            {
                var sks = Enumerable.Range(0, rows).Select(_ => Keys.GenerateSk()).ToList();
                await ItemsInData.WriteRowsAsync(kernel, Tenant, sks, cancellationToken);
                await using var analyze = stack.Postgres.CreateCommand("VACUUM ANALYZE products");
                await analyze.ExecuteNonQueryAsync(cancellationToken);
            }
        }

        using var http = await stack.SignInAsync(Tenant, cancellationToken);
        var times = isQuick ? 20 : 100;
        var all = new List<double>();
        foreach (var query in queries)
        {
            await Load.RunAsync(10, 1, _ => http.GetStringAsync($"/api/product/data{query}", cancellationToken));
            var (_, ms) = await Load.RunAsync(times, 1, _ => http.GetStringAsync($"/api/product/data{query}", cancellationToken));
            all.AddRange(ms);
            Report.Print($"{name} {(query.Length > 0 ? query : "newest")}", rows, Report.Median(ms), "ms", null, ms);
        }

        Report.Print(name, rows, Report.Median(all), "ms", null, all);
    }
}
