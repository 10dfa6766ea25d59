using System.Net.Http.Headers;
using System.Net.Sockets;
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
        var token = await stack.TokenAsync($"user=anna&tenant={tenant}");
        using var http = stack.App.CreateHttpClient(Stack.Api, "http");
        var rest = new TaskCompletionSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/product/import")
        {
            Content = new SlowContent($"sk,name\n{Rows(0, 2500)}", rest.Task, Rows(2500, 2600)) { Headers = { ContentType = new("text/csv") } },
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Token));

        var seen = new List<long>();
        while (seen.Count(rows => rows >= 2000) < 3)
        {
            var line = JsonNode.Parse((await lines.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token))!)!;
            Assert.Equal("progress", line["type"]!.GetValue<string>());
            seen.Add(line["rows"]!.GetValue<long>());
        }

        Assert.Contains(1000, seen);
        Assert.Contains(2000, seen);
        rest.SetResult();
        ImportAnswer.Parse(await lines.ReadToEndAsync(Token)).Has(created: 2600);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_before_all_is_sent_gets_its_answer()
    {
        var tenant = Stack.NewTenant();
        var token = await stack.TokenAsync($"user=anna&tenant={tenant}");
        // Every row is bad, and says so at length: more than the buffers between the two hold.
        var bad = $"{new string('é', 90)}@";
        var body = Encoding.UTF8.GetBytes("sk,name\n" + string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{bad}{i},Row {i}\n")));
        using var client = await ConnectAsync();
        await using var stream = client.GetStream();
        await stream.WriteAsync(Head(token, body.Length), Token);
        await stream.WriteAsync(body, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);

        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.StartsWith("HTTP/1.1 200", text);
        Assert.Contains("\"rows\":40000,\"created\":0,\"updated\":0,\"skipped\":0,\"failed\":40000,\"errorsListed\":10000,\"completed\":true", text);
    }

    [Fact]
    public async Task When_the_client_goes_away_what_was_imported_stays_and_a_repeat_does_the_rest()
    {
        var client = await stack.ClientAsync();
        var token = await stack.TokenAsync($"user=anna&tenant={client.Tenant}");
        var body = Encoding.UTF8.GetBytes($"sk,name\n{Rows(0, 3000)}");
        using (var connection = await ConnectAsync())
        {
            var stream = connection.GetStream();
            await stream.WriteAsync(Head(token, body.Length + 1), Token);
            await stream.WriteAsync(body, Token);
            await Eventually.IsTrueAsync("some rows are there", async () => (await client.GetAsync("row-400")).Status == HttpStatusCode.OK);
            connection.Client.LingerState = new LingerOption(true, 0);
        }

        var file = $"sk,name\n{Rows(0, 3000)}";
        var answer = await client.ImportAsync(file);
        Assert.True(answer.Summary["skipped"]!.GetValue<int>() > 0);
        Assert.Equal(3000, answer.Summary["skipped"]!.GetValue<int>() + answer.Summary["created"]!.GetValue<int>());
        (await client.ImportAsync(file)).Has(skipped: 3000);
        await Eventually.GetAsync("all rows are in Postgres", () => stack.Postgres.CountAsync(client.Tenant), count => count == 3000);
        Assert.Equal(1, (await client.GetAsync("row-2999")).Version);
    }

    private static string Rows(int from, int to) => string.Concat(Enumerable.Range(from, to - from).Select(i => $"row-{i},Row {i}\n"));

    private async Task<TcpClient> ConnectAsync()
    {
        var address = stack.App.GetEndpoint(Stack.Api, "http");
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Token);
        return client;
    }

    private static byte[] Head(string token, int length) => Encoding.ASCII.GetBytes(
        $"POST /api/product/import HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n"
        + $"Content-Type: text/csv\r\nContent-Length: {length}\r\n\r\n");

    /// <summary>A body whose second part is sent when the time has come.</summary>
    private sealed class SlowContent(string first, Task until, string second) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(first), Token);
            await stream.FlushAsync(Token);
            await until;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(second), Token);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
