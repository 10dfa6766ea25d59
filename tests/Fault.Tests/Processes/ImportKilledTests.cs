using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using Cqrs.Items;
using StackTests.Transfer;

namespace FaultTests.Processes;

/// <summary>A large file is imported by an API that is killed half-way, and again.</summary>
/// <remarks>Environment <c>IMPORT_ROWS</c>: how many rows (100,000).</remarks>
[Collection(OwnProcesses.Name)]
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
        var rows = Enumerable.Range(0, Rows)
            .Select(i => $"{Keys.GenerateSk()},{(i % 10 == 0 ? $"CODE-{i}" : "")},Product {i},Category {i % 7},{i}.25\n");
        var file = Encoding.UTF8.GetBytes($"sk,code,name,category,price\n{string.Concat(rows)}");

        var isKilled = false;
        var cutOff = await ImportAsync(client.Tenant, file, async done =>
        {
            if (done >= Rows / 2 && !isKilled)
            {
                isKilled = true;
                await stack.KillAsync(FaultStack.Api);
            }
        });
        Assert.Null(cutOff);
        await stack.StartAsync(FaultStack.Api);

        var memory = new List<(long Rows, double Mb)>();
        var repeat = await ImportAsync(client.Tenant, file, done =>
        {
            memory.Add((done, stack.ResidentMb(FaultStack.Api)));
            return Task.CompletedTask;
        });
        Assert.Equal(Rows, Count(repeat, "created") + Count(repeat, "skipped"));
        Assert.InRange(Count(repeat, "skipped"), Rows / 2, Rows - 1);
        Assert.Equal(Rows, Count(await ImportAsync(client.Tenant, file, _ => Task.CompletedTask), "skipped"));

        await Eventually.GetAsync(
            "all rows are in Postgres", () => stack.Postgres.CountAsync(client.Tenant), count => count == Rows, TimeSpan.FromMinutes(5));
        Assert.Equal(Rows, await stack.Oracle.CheckAsync(client.Tenant));

        var early = memory.Where(m => m.Rows <= Rows / 4).Max(m => m.Mb);
        var late = memory.Where(m => m.Rows > Rows / 4).Max(m => m.Mb);
        TestContext.Current.TestOutputHelper?.WriteLine($"The API took at most {early:F0} MB in the first quarter, {late:F0} MB after it.");
        Assert.True(late < early + MaxGrowthMb, $"The API took at most {early:F0} MB in the first quarter, and then {late:F0} MB.");
    }

    /// <param name="tenant">Where to.</param>
    /// <param name="file">The rows.</param>
    /// <param name="onProgress">Is told how many rows are done.</param>
    /// <returns>The summary; null if the answer broke off.</returns>
    private async Task<JsonObject?> ImportAsync(string tenant, byte[] file, Func<long, Task> onProgress)
    {
        using var http = stack.App.CreateHttpClient(FaultStack.Api);
        var token = await http.GetStringAsync($"/dev/token?user=anna&tenant={tenant}", Token);
        await using var import = await DuplexImport.OpenAsync(stack.App.GetEndpoint(FaultStack.Api, "http"), token, file.Length, Token);
        var sending = import.Body.WriteAsync(file, Token).AsTask();
        try
        {
            while (await import.ReadAsync(Token) is { } report)
            {
                switch (report["type"]!.GetValue<string>())
                {
                    case "summary":
                        Assert.True(report["completed"]!.GetValue<bool>(), report.ToJsonString());
                        await sending;
                        return report;
                    case "progress":
                        await onProgress(report["rows"]!.GetValue<long>());
                        break;
                    default:
                        Assert.Fail(report.ToJsonString());
                        break;
                }
            }
        }
        catch (IOException)
        {
            // Killed.
        }

        await sending.ContinueWith(_ => { }, Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return null;
    }

    private static int Count(JsonObject? summary, string name) => summary![name]!.GetValue<int>();

    /// <summary>A stack of its own: DynamoDB Local is slow on tables that begin after so many stream records.</summary>
    public sealed class OwnStack : FaultStack;
}
