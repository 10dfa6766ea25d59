using System.Diagnostics;
using System.Net;
using System.Text;
using Aspire.Hosting.Testing;
using Cqrs.AspNetCore.Files;

namespace StackTests.Transfer;

/// <summary>Files and clients that mean no good, or know no better.</summary>
public sealed class HostileFileTests(Stack stack)
{
    private static readonly TimeSpan MostForParsing = TimeSpan.FromSeconds(0.5);

    [Theory]
    [InlineData("a\"b,\"\n", "sk,name\n")]
    [InlineData("\"\n", "sk,name\n")]
    [InlineData(",\"\"\"\n", "sk,name\n")]
    [InlineData("\r", "sk,name\r")]
    public async Task Parsing_TakesTimeInProportionToTheFile(string line, string header)
    {
        // Half a second for 32,000 rows, which took a minute once. The other tests take the processor away at times: one of some tries counts.
        var times = new List<TimeSpan>();
        do
        {
            times.Add(await ParseAsync(header, line, 32_000));
        }
        while (times[^1] > MostForParsing && times.Count < 10);

        Assert.True(times[^1] <= MostForParsing, $"32,000 rows took {string.Join(", ", times)}.");
    }

    [Fact]
    public async Task UnclosedQuotes_AreToldOfLineByLine()
    {
        var client = await stack.ClientAsync();

        var answer = await client.ImportAsync("sk,name\n" + string.Concat(Enumerable.Repeat("a\"b,\"\n", 2_000)));

        answer.Has(failed: 2_000);
        Assert.Equal("a quote is opened and not closed", answer.ErrorAt(2));
        Assert.Equal("a quote is opened and not closed", answer.ErrorAt(2_001));
    }

    [Theory]
    [InlineData("utf-7")]
    [InlineData("nonsense")]
    public async Task EncodingThatIsNotRead_IsRefused(string charset)
    {
        var client = await stack.ClientAsync();

        (await client.SendImportAsync("sk,name\na,A\n"u8.ToArray(), $"text/csv; charset={charset}"))
            .IsProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
    }

    [Fact]
    public async Task ClientThatLeaves_LeavesNoErrorInTheLog()
    {
        var tenant = Stack.NewTenant();
        var token = await stack.TokenAsync($"user=anna&tenant={tenant}");
        foreach (var isReset in new[] { true, false })
        {
            await using var import = await DuplexImport.OpenAsync(
                stack.App.GetEndpoint(Stack.Api, "http"), token, 1_000_000, TestContext.Current.CancellationToken);
            await import.Body.WriteAsync(Encoding.UTF8.GetBytes("sk,name\na,A\n"), TestContext.Current.CancellationToken);
            await import.ReadAsync(TestContext.Current.CancellationToken);
            if (isReset)
            {
                import.BreakOff();
            }
        }

        await Eventually.IsTrueAsync("both imports are in the log", async () =>
            (await LinesAsync()).Count(line => line.Contains($"Imported product of {tenant}", StringComparison.Ordinal)) == 2);
        Assert.DoesNotContain(await LinesAsync(), line => line.Contains("Reading is already in progress", StringComparison.Ordinal));

        Task<IReadOnlyList<string>> LinesAsync() => stack.LinesOfAsync(Stack.Api);
    }

    private static async Task<TimeSpan> ParseAsync(string header, string line, int count)
    {
        using var text = new StringReader(header + string.Concat(Enumerable.Repeat(line, count)));
        var records = new CsvRecords(text);
        var started = Stopwatch.GetTimestamp();
        while (await records.ReadAsync(TestContext.Current.CancellationToken) is not null)
        {
            // Only the time counts.
        }

        return Stopwatch.GetElapsedTime(started);
    }
}
