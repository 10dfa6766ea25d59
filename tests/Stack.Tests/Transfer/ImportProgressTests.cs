using System.Net;
using System.Text.Json.Nodes;
using System.Text;
using Aspire.Hosting.Testing;

namespace StackTests.Transfer;

/// <summary>An import tells how it goes while it goes on, whatever its client does.</summary>
public sealed class ImportProgressTests(Stack stack)
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_at_least_every_second_and_every_thousand_rows_while_the_file_is_still_being_sent()
    {
        var tenant = Stack.NewTenant();
        var first = Encoding.UTF8.GetBytes($"sk,name\n{Rows(0, 2500)}");
        var rest = Encoding.UTF8.GetBytes(Rows(2500, 2600));
        await using var import = await DuplexImport.OpenAsync(
            stack.App.GetEndpoint(Stack.Api, "http"), await stack.TokenAsync($"user=anna&tenant={tenant}"), first.Length + rest.Length, Token);
        await import.Body.WriteAsync(first, Token);

        var seen = new List<long>();
        while (seen.Count(rows => rows >= 2000) < 3)
        {
            var line = (await import.ReadAsync(Token).WaitAsync(TimeSpan.FromSeconds(20), Token))!;
            Assert.Equal("progress", line["type"]!.GetValue<string>());
            seen.Add(line["rows"]!.GetValue<long>());
        }

        Assert.Contains(1000, seen);
        Assert.Contains(2000, seen);
        await import.Body.WriteAsync(rest, Token);
        JsonObject? last = null;
        while (await import.ReadAsync(Token) is { } line)
        {
            last = line;
        }

        new ImportAnswer([last!]).Has(created: 2600);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_before_all_is_sent_gets_its_answer()
    {
        var tenant = Stack.NewTenant();
        var token = await stack.TokenAsync($"user=anna&tenant={tenant}");
        // Every row is bad, and says so at length: more than the buffers between the two hold.
        var bad = $"{new string('é', 90)}@";
        var body = Encoding.UTF8.GetBytes("sk,name\n" + string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{bad}{i},Row {i}\n")));
        await using var import = await DuplexImport.OpenAsync(stack.App.GetEndpoint(Stack.Api, "http"), token, body.Length, Token);
        await import.Body.WriteAsync(body, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);

        var lines = new List<JsonObject>();
        while (await import.ReadAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token) is { } line)
        {
            lines.Add(line);
        }

        var answer = new ImportAnswer(lines).Has(failed: 40_000);
        Assert.Equal(10_000, answer.Errors.Count());
        Assert.Equal(10_000, answer.Summary["errorsListed"]!.GetValue<int>());
    }

    [Fact]
    public async Task When_the_client_goes_away_what_was_imported_stays_and_a_repeat_does_the_rest()
    {
        var client = await stack.ClientAsync();
        var token = await stack.TokenAsync($"user=anna&tenant={client.Tenant}");
        var body = Encoding.UTF8.GetBytes($"sk,name\n{Rows(0, 3000)}");
        await using (var import = await DuplexImport.OpenAsync(stack.App.GetEndpoint(Stack.Api, "http"), token, body.Length + 1, Token))
        {
            await import.Body.WriteAsync(body, Token);
            await Eventually.IsTrueAsync("some rows are there", async () => (await client.GetAsync("row-400")).Status == HttpStatusCode.OK);
            import.BreakOff();
        }

        var file = $"sk,name\n{Rows(0, 3000)}";
        var answer = await client.ImportAsync(file);
        Assert.True(answer.Summary["skipped"]!.GetValue<int>() > 0);
        Assert.Equal(3000, answer.Summary["skipped"]!.GetValue<int>() + answer.Summary["created"]!.GetValue<int>());
        (await client.ImportAsync(file)).Has(skipped: 3000);
        await Eventually.GetAsync("all rows are in Postgres", () => stack.Postgres.CountAsync(client.Tenant), count => count == 3000);
        Assert.Equal(1, (await client.AppliedAsync("row-2999")).Version);
    }

    private static string Rows(int from, int to) => string.Concat(Enumerable.Range(from, to - from).Select(i => $"row-{i},Row {i}\n"));
}
