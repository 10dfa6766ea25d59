using System.Globalization;
using System.Net.Http.Headers;
using System.Net;
using System.Text.Json.Nodes;
using System.Text;
using Aspire.Hosting.Testing;
using Cqrs;

namespace FaultTests.Processes;

/// <summary>A large file is imported by an API that is killed half-way, and again.</summary>
/// <remarks>Environment <c>IMPORT_ROWS</c>: how many rows (100,000).</remarks>
public sealed class ImportKilledTests(ImportKilledTests.OwnStack stack) : IClassFixture<ImportKilledTests.OwnStack>
{
    // What the garbage collector may leave lying about, whatever the size of the file.
    private const double MaxGrowthMb = 100;

    private static readonly int Rows = int.Parse(Environment.GetEnvironmentVariable("IMPORT_ROWS") ?? "100000", CultureInfo.InvariantCulture);

    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_row_is_there_once_in_one_version_after_the_repeat_and_the_memory_of_the_API_stays_flat()
    {
        var client = await stack.ClientAsync();
        // The form of a key that this code generates, so that most rows need no reservation; every tenth has a code of its own.
        var sks = Enumerable.Range(0, Rows).Select(_ => Keys.GenerateSk()).ToList();

        await Assert.ThrowsAnyAsync<Exception>(() => ImportAsync(
            client.Tenant, sks, async rows =>
            {
                if (rows >= Rows / 2)
                {
                    await stack.KillAsync(FaultStack.Api);
                }
            }));
        await stack.StartAsync(FaultStack.Api);

        var memory = new List<(long Rows, double Mb)>();
        var repeat = await ImportAsync(client.Tenant, sks, rows =>
        {
            memory.Add((rows, stack.ResidentMb(FaultStack.Api)));
            return Task.CompletedTask;
        });
        Assert.Equal(Rows, Count(repeat, "created") + Count(repeat, "skipped"));
        Assert.InRange(Count(repeat, "skipped"), Rows / 2, Rows - 1);
        Assert.Equal(Rows, Count(await ImportAsync(client.Tenant, sks, _ => Task.CompletedTask), "skipped"));

        await Eventually.GetAsync(
            "all rows are in Postgres", () => stack.Postgres.CountAsync(client.Tenant), count => count == Rows, TimeSpan.FromMinutes(5));
        Assert.Equal(Rows, await stack.Oracle.CheckAsync(client.Tenant));

        var early = memory.Where(m => m.Rows <= Rows / 4).Max(m => m.Mb);
        var late = memory.Where(m => m.Rows > Rows / 4).Max(m => m.Mb);
        TestContext.Current.TestOutputHelper?.WriteLine($"The API took at most {early:F0} MB in the first quarter, {late:F0} MB after it.");
        Assert.True(late < early + MaxGrowthMb, $"The API took at most {early:F0} MB in the first quarter, and then {late:F0} MB.");
    }

    /// <param name="tenant">Where to.</param>
    /// <param name="sks">The keys of the rows.</param>
    /// <param name="onProgress">Is told how many rows are done.</param>
    /// <returns>The summary.</returns>
    private async Task<JsonObject> ImportAsync(string tenant, IReadOnlyList<string> sks, Func<long, Task> onProgress)
    {
        using var http = stack.App.CreateHttpClient(FaultStack.Api);
        http.Timeout = TimeSpan.FromMinutes(10);
        var token = await http.GetStringAsync($"/dev/token?user=anna&tenant={tenant}", Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/product/import")
        {
            Content = new RowsContent(sks) { Headers = { ContentType = new("text/csv") } },
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        while (await lines.ReadLineAsync(Token) is { } line)
        {
            var report = JsonNode.Parse(line)!.AsObject();
            switch (report["type"]!.GetValue<string>())
            {
                case "summary":
                    Assert.True(report["completed"]!.GetValue<bool>(), line);
                    return report;
                case "progress":
                    await onProgress(report["rows"]!.GetValue<long>());
                    break;
                default:
                    Assert.Fail(line);
                    break;
            }
        }

        throw new IOException("The answer broke off.");
    }

    private static int Count(JsonObject summary, string name) => summary[name]!.GetValue<int>();

    /// <summary>A stack of its own: DynamoDB Local is slow on tables that begin after so many stream records.</summary>
    public sealed class OwnStack : FaultStack;

    private sealed class RowsContent(IReadOnlyList<string> sks) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await using var writer = new StreamWriter(stream, new UTF8Encoding(false), 16 * 1024, leaveOpen: true);
            await writer.WriteLineAsync("sk,code,name,category,price");
            for (var i = 0; i < sks.Count; i++)
            {
                await writer.WriteLineAsync($"{sks[i]},{(i % 10 == 0 ? $"CODE-{i}" : "")},Product {i},Category {i % 7},{i}.25");
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
