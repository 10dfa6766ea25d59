using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Aspire.Hosting.Testing;

namespace StackTests.Api;

/// <summary>
/// Items at their limit of size, by the hundred: LARGE_ITEMS says how many (default: 200). What is asked for at once is many times the memory that
/// the services of the stack may take (<see cref="Stack.MaxHeapBytes"/>).
/// </summary>
[Collection(Alone.Name)]
public sealed class LargeItemTests(Stack stack)
{
    private const int AtOnce = 3;

    private static readonly int Items = int.Parse(Environment.GetEnvironmentVariable("LARGE_ITEMS") ?? "200", CultureInfo.InvariantCulture);
    private static readonly string Large = new('x', 370_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_and_files_of_large_items_that_are_asked_for_at_once_are_whole()
    {
        var tenant = Stack.NewTenant();
        using var anna = await HttpAsync(tenant, "anna");
        using var bob = await HttpAsync(tenant, "bob");
        var client = await stack.ClientAsync(tenant);
        var sks = Enumerable.Range(0, Items).Select(i => $"item-{i:d4}").ToList();
        await Parallel.ForEachAsync(sks, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (sk, _) =>
            (await client.PostAsync(new { sk, name = sk, attributes = new { description = Large } })).Is(HttpStatusCode.Created));

        // Her own writes, of which Postgres has some and not others.
        Assert.Equal(sks, (await PageAsync(anna, "/api/product/data?pageSize=1000&orderBys=name")).Sks.Order(StringComparer.Ordinal));
        await Eventually.GetAsync("all are in Postgres", () => stack.Postgres.CountAsync(tenant), count => count == Items, TimeSpan.FromMinutes(5));

        foreach (var user in new[] { anna, bob })
        {
            var pages = await AtOnceAsync(() => PageAsync(user, "/api/product/data?pageSize=1000&orderBys=name"));
            Assert.All(pages, page => Assert.Equal((Items, string.Join(' ', sks)), (page.Total, string.Join(' ', page.Sks))));
            var lists = await AtOnceAsync(() => ListAsync(user, tenant));
            Assert.All(lists, list => Assert.Equal(sks, list));
            var files = await AtOnceAsync(() => LinesAsync(user, "/api/product/export?format=jsonl"));
            Assert.All(files, lines => Assert.Equal(Items, lines));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"API {stack.ResidentMb(Stack.Api):f0} MB, worker {stack.ResidentMb(Stack.Worker):f0} MB.");
    }

    [Fact]
    public async Task A_history_of_large_versions_comes_in_pages_that_lead_to_each_other()
    {
        const int Versions = 60;
        var client = await stack.ClientAsync();
        for (var version = 0; version < Versions; version++)
        {
            (await client.PostAsync(new { sk = "large", version, name = $"{version}", attributes = new { description = Large } }))
                .Is(version == 0 ? HttpStatusCode.Created : HttpStatusCode.OK);
        }

        var (found, pages) = (new List<long>(), 0);
        for (var rest = ""; rest is not null; pages++)
        {
            var page = (await client.HistoryAsync("large", rest)).Is(HttpStatusCode.OK);
            Assert.InRange(page.Text.Length, 1, 20_000_000);
            found.AddRange(page.Items.Select(item => item!["version"]!.GetValue<long>()));
            rest = page.At("before") is { } before ? $"?before={before}" : null;
        }

        Assert.Equal(Enumerable.Range(1, Versions).Select(version => (long)version).Reverse(), found);
        Assert.InRange(pages, 2, 10);
    }

    private async Task<HttpClient> HttpAsync(string tenant, string user)
    {
        var http = stack.App.CreateHttpClient(Stack.Api, "http");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await stack.TokenAsync($"user={user}&tenant={tenant}"));
        return http;
    }

    private static Task<T[]> AtOnceAsync<T>(Func<Task<T>> ask) => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(ask)));

    private async Task<(long Total, List<string> Sks, string? LastSk)> PageAsync(HttpClient http, string path)
    {
        using var response = await GetAsync(http, path);
        using var page = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(Token), cancellationToken: Token);
        return (
            page.RootElement.TryGetProperty("total", out var total) ? total.GetInt64() : 0,
            [.. page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("sk").GetString()!)],
            page.RootElement.TryGetProperty("lastSk", out var lastSk) ? lastSk.GetString() : null);
    }

    private async Task<List<string>> ListAsync(HttpClient http, string tenant)
    {
        var found = new List<string>();
        for (var from = ""; from is not null;)
        {
            var (_, sks, lastSk) = await PageAsync(http, $"/api/product/data/PRODUCT%23{tenant}?limit=1000&startFromSk={from}");
            Assert.InRange(sks.Count, 1, 40);
            found.AddRange(sks);
            from = lastSk;
        }

        return found;
    }

    private async Task<int> LinesAsync(HttpClient http, string path)
    {
        using var response = await GetAsync(http, path);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        var lines = 0;
        while (await reader.ReadLineAsync(Token) is not null)
        {
            lines++;
        }

        return lines;
    }

    // A store that hundreds of megabytes are asked of at once may be late: that is told, and asked again.
    private async Task<HttpResponseMessage> GetAsync(HttpClient http, string path)
    {
        var response = await Eventually.GetAsync(
            $"{path} is answered",
            () => http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Token),
            answer => answer.StatusCode != HttpStatusCode.ServiceUnavailable,
            TimeSpan.FromMinutes(2));
        Assert.True(
            response.IsSuccessStatusCode, $"{path}: {response.StatusCode}\n{string.Join('\n', (await stack.LinesOfAsync(Stack.Api)).TakeLast(60))}");
        return response;
    }
}
