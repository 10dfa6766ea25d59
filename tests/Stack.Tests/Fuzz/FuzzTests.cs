using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using StackTests.Transfer;

namespace StackTests.Fuzz;

/// <summary>Every operation that the API describes, with requests that are mostly right and here and there hostile.</summary>
/// <remarks>Environment: <c>FUZZ_REQUESTS</c> how many (3000), <c>FUZZ_SEED</c> which (1).</remarks>
[Collection(Alone.Name)]
public sealed class FuzzTests(Stack stack)
{
    private const int AtOnce = 12;

    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StreamTime = TimeSpan.FromMilliseconds(200);

    private static readonly int Requests = int.Parse(Environment.GetEnvironmentVariable("FUZZ_REQUESTS") ?? "3000", CultureInfo.InvariantCulture);
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("FUZZ_SEED") ?? "1", CultureInfo.InvariantCulture);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_makes_the_server_fail_or_hang_and_none_shows_or_changes_anything_of_another_tenant()
    {
        var canary = $"canary{Guid.NewGuid():N}";
        var other = await stack.ClientAsync();
        var otherSks = new[] { "secret-1", "secret-2", "secret-3" };
        foreach (var sk in otherSks)
        {
            (await other.PostAsync(
                new { sk, code = $"C-{sk}", name = $"{canary} name", attributes = new { category = canary, price = 1, description = canary } }, "?mode=sync"))
                .Is(HttpStatusCode.Created);
        }

        var before = await other.ExportAsync();
        var own = Stack.NewTenant();
        var tenants = new FuzzedTenants(
            own,
            other.Tenant,
            [.. Enumerable.Range(0, 25).Select(i => $"item {i}/#%"), "01ARZ3NDEKTSV4RRFFQ69G5FAV"],
            otherSks,
            [
                await stack.TokenAsync($"user=anna&tenant={own}&role=admin"), await stack.TokenAsync($"user=bob&tenant={own}"),
                await stack.TokenAsync($"user=anna&tenant={own}&expires=-5"), await stack.TokenAsync("user=anna"), null, "x", "a.b.c",
            ]);
        using var http = stack.App.CreateHttpClient(Stack.Api, "http");
        http.Timeout = Timeout.InfiniteTimeSpan;
        var operations = ApiOperation.ReadAll(JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json", Token))!.AsObject());
        Assert.Contains(operations, operation => operation.Path.EndsWith("/import", StringComparison.Ordinal) && operation.Bodies.Count == 3);
        Assert.Contains(operations, operation => operation.Bodies.Values.Any(body => body["properties"]?["attributes"]?["properties"]?["specification"] is not null));

        var statuses = new ConcurrentDictionary<int, int>();
        var failures = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Requests),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Token },
            async (i, _) =>
            {
                // A seed for each, so that one alone can be repeated.
                using var request = new RequestGenerator(operations, tenants, new Random(unchecked((Seed * 1_000_003) + i))).Next(http.BaseAddress!);
                var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(Token);
                var (status, text) = await SendAsync(http, request);
                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
                if (status is 0 or >= 500 || text.Contains(canary, StringComparison.OrdinalIgnoreCase))
                {
                    failures.Enqueue($"#{i}: {request.Method} {request.RequestUri} -> {status} {Start(text)}\n  {request.Content?.Headers.ContentType} {Start(body)}");
                }
            });

        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value}")));
        Assert.True(failures.IsEmpty, $"{failures.Count} of {Requests} requests (seed {Seed}):\n{string.Join('\n', failures.Take(20))}\n{string.Join('\n', await stack.LinesOfAsync(Stack.Api))}");
        // It is no test of the front door only.
        Assert.True(statuses.GetValueOrDefault(200) > Requests / 20, "Few requests were right.");
        Assert.Equal(before, await other.ExportAsync());
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health", Token)).StatusCode);

        // What was accepted can be projected, all of it.
        await stack.WaitUntilIdleAsync();
        var root = stack.Client(own, await stack.TokenAsync("user=root&role=system_admin&global=true"));
        var parked = (await root.SendAsync(HttpMethod.Get, "/api/ops/parked")).Is(HttpStatusCode.OK).Json.AsArray();
        Assert.Empty(parked.Where(entry => entry!["pk"]?.GetValue<string>() == $"PRODUCT#{own}").Select(entry => entry!["reason"]));
    }

    private static string Start(string text) => text[..Math.Min(text.Length, 600)];

    /// <returns>The status (0: no answer) and the text of the answer, or its beginning if it is a stream.</returns>
    private static async Task<(int Status, string Text)> SendAsync(HttpClient http, HttpRequestMessage request)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(MaxAnswerTime);
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var headers = string.Join('\n', response.Headers.SelectMany(header => header.Value));
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            {
                using var enough = new CancellationTokenSource(StreamTime);
                var buffer = new byte[4096];
                var length = 0;
                try
                {
                    await using var stream = await response.Content.ReadAsStreamAsync(Token);
                    while (length < buffer.Length && await stream.ReadAsync(buffer.AsMemory(length), enough.Token) is > 0 and var read)
                    {
                        length += read;
                    }
                }
                catch (OperationCanceledException)
                {
                    // It has no end of its own.
                }

                return ((int)response.StatusCode, headers + System.Text.Encoding.UTF8.GetString(buffer, 0, length));
            }

            return ((int)response.StatusCode, headers + await response.Content.ReadAsStringAsync(patience.Token));
        }
        catch (Exception fault) when (fault is HttpRequestException { InnerException: IOException } && request.Content is not null)
        {
            // A server may answer, and hang up, before it was sent all: 413. Anything else shows as an unhealthy server at the end.
            return (413, "");
        }
        catch (Exception fault) when (!Token.IsCancellationRequested)
        {
            return (0, $"{fault.GetType().Name} after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s: {fault.Message}");
        }
    }
}
