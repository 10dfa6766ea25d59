using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StackTests.Security;

/// <summary>What the API answers to everybody, and what it keeps to itself.</summary>
public sealed class ProductionTests(ProductionApi production, Stack stack) : IClassFixture<ProductionApi>
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_are_not_kept_by_caches_nor_guessed_at_by_browsers_and_do_not_name_the_server()
    {
        var client = production.Client();
        var created = (await client.PostAsync(new { sk = "a", name = "Chair" })).Is(HttpStatusCode.Created);
        var read = (await client.GetAsync("a")).Is(HttpStatusCode.OK);

        foreach (var answer in new[]
        {
            created, await client.ListAsync(), await client.SearchAsync(), await client.HistoryAsync("a"), await client.GetAsync("absent"),
            await client.PostAsync("{"), await production.Api.Client("acme", null).ListAsync(),
            await client.SendAsync(HttpMethod.Get, "/nowhere"), await client.SendAsync(HttpMethod.Get, "/health"),
        })
        {
            Assert.True(answer.Response.Headers.CacheControl?.NoStore, $"{answer} may be kept: {answer.Response.Headers.CacheControl}");
            AssertPlain(answer);
        }

        // What has an entity tag may be kept by the caller, who asks each time whether it still holds.
        var same = (await client.GetAsync("a", ("If-None-Match", read.ETag!))).Is(HttpStatusCode.NotModified);
        foreach (var answer in new[] { read, same })
        {
            Assert.Equal("no-cache, private", answer.Response.Headers.CacheControl!.ToString());
            Assert.Equal("\"1\"", answer.ETag);
            AssertPlain(answer);
        }

        static void AssertPlain(Answer answer)
        {
            Assert.Equal(["nosniff"], answer.Response.Headers.GetValues("X-Content-Type-Options"));
            Assert.False(answer.Response.Headers.Contains("Server"), answer.ToString());
            Assert.False(answer.Response.Headers.Contains("X-Powered-By"), answer.ToString());
        }
    }

    // Conformance: 500 requests a second for each user by default; here fewer.
    [Fact]
    public async Task Who_asks_for_too_much_is_told_when_to_come_back_and_nobody_else_notices()
    {
        var tenant = Stack.NewTenant();
        var greedy = production.Client(tenant);
        var others = new[] { production.Client(tenant, ("sub", "\"ben\"")), production.Client() };

        var answers = await Task.WhenAll(Enumerable.Range(0, 8 * ProductionApi.RequestsPerSecond)
            .Select(_ => greedy.SendAsync(HttpMethod.Get, "/api/product/nothing")));

        Assert.True(answers.Count(answer => answer.Status == HttpStatusCode.NotFound) >= ProductionApi.RequestsPerSecond);
        var refused = answers.First(answer => answer.Status == HttpStatusCode.TooManyRequests)
            .IsProblem(HttpStatusCode.TooManyRequests, "too-many-requests");
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Response.Headers.RetryAfter!.Delta);
        foreach (var other in others)
        {
            (await other.ListAsync()).Is(HttpStatusCode.OK);
        }

        await Eventually.GetAsync("the greedy one may go on", () => greedy.ListAsync(), answer => answer.Status == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("GET /api/product/data?keyword={9000} HTTP/1.1\r\nHost: x\r\n\r\n", 414)]
    [InlineData("GET /api/product/data HTTP/1.1\r\nHost: x\r\nX-Much: {20000}\r\n\r\n", 431)]
    [InlineData("GET /api/product/data HTTP/1.1\r\nHost: x\r\n{many}\r\n", 431)]
    [InlineData("GET /api/product/data HTTP/1.1\r\nHost: x\r\nX-Odd: a\0b\r\n\r\n", 400)]
    [InlineData("GET /api/product/jobs/a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET /api/product/data HTTP/1.1\r\n\r\n", 400)]
    [InlineData("POST /api/product HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, 401)]
    public async Task A_request_that_the_server_does_not_take_is_answered_as_HTTP_says(string request, params int[] statuses)
    {
        request = request.Replace("{9000}", new string('k', 9000)).Replace("{20000}", new string('k', 20_000))
            .Replace("{many}", string.Concat(Enumerable.Range(0, 101).Select(i => $"X-{i}: 1\r\n")));
        var address = production.Api.Http().BaseAddress!;
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, Token);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), Token);

        using var reader = new StreamReader(stream, Encoding.Latin1);
        var answer = await reader.ReadLineAsync(Token);

        Assert.Contains(int.Parse(answer!.Split(' ')[1]), statuses);
    }

    [Fact]
    public async Task Neither_logs_nor_traces_have_tokens_passwords_or_what_was_searched_for()
    {
        var tenant = Stack.NewTenant();
        var token = production.Issuer.Token(tenant);
        var client = production.Api.Client(tenant, token);
        var broken = token[..^8] + "AAAAAAAA";

        (await client.SearchAsync("?keyword=known-to-anna-alone")).Is(HttpStatusCode.OK);
        (await client.PostAsync("{ not JSON")).Is(HttpStatusCode.BadRequest);
        (await production.Api.Client(tenant, broken).ListAsync()).Is(HttpStatusCode.Unauthorized);

        var password = new Npgsql.NpgsqlConnectionStringBuilder(stack.ConnectionString).Password!;
        Assert.NotEmpty(password);
        var secrets = new[] { token, token.Split('.')[2], broken.Split('.')[2], password };
        await Eventually.IsTrueAsync(
            "the spans are there", () => Task.FromResult(production.Api.Traced.Any(span => span.Contains("/api/product/data", StringComparison.Ordinal))));
        foreach (var (what, lines) in new[] { ("logged", production.Api.Logged), ("traced", production.Api.Traced) })
        {
            Assert.NotEmpty(lines);
            Assert.All(lines, line => Assert.All(
                secrets, secret => Assert.False(line.Contains(secret, StringComparison.Ordinal), $"A secret was {what}: {line}")));
        }

        Assert.DoesNotContain(production.Api.Traced, span => span.Contains("known-to-anna-alone", StringComparison.Ordinal));
    }
}
