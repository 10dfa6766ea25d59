using System.Net;

namespace StackTests.Security;

/// <summary>A request that takes too long is cut off, and leaves nothing half done.</summary>
public sealed class TimeLimitTests(Stack stack)
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_whose_time_is_up_is_told_so_and_its_command_is_there_whole_or_not_at_all()
    {
        await using var proxy = await DynamoDbProxy.StartAsync(stack.DynamoDbEndpoint);
        await using var api = new ApiInProcess(stack, "Development", proxy.Endpoint, ("RequestTimeout:Default", "00:00:02"));
        var tenant = Stack.NewTenant();
        var client = api.Client(tenant, await stack.TokenAsync($"user=anna&tenant={tenant}"));
        using var events = await OpenEventsAsync(api, tenant);
        foreach (var mode in new[] { "", "?mode=sync" })
        {
            await Eventually.GetAsync(
                "the host has warmed up", () => client.PostAsync(new { name = "Warm" }, mode), answer => answer.Status == HttpStatusCode.Created);
        }

        foreach (var (fate, sk) in new[] { (Fate.HoldRequest, "held"), (Fate.HoldAnswer, "done") })
        {
            proxy.Lose(fate, "PutItem", "TransactWriteItems", "Query");
            var answers = await Task.WhenAll(
                client.PostAsync(new { sk, name = "Late", code = $"code-{sk}" }),
                client.PostAsync(new { sk = $"{sk}-sync", name = "Late" }, "?mode=sync"),
                client.ListAsync());
            Assert.All(answers, AssertTimedOut);
            proxy.LetPass();
        }

        client = await stack.ClientAsync(tenant);
        // A purge that has begun is not cut off: half of it would free the code of an item that is still there.
        var admin = api.Client(tenant, await stack.TokenAsync($"user=root&tenant={tenant}&role=admin"));
        (await client.PostAsync(new { sk = "purged", name = "x", code = "code-purged" })).Is(HttpStatusCode.Created);
        var isSlow = 1;
        proxy.Decide = async (operation, _) =>
        {
            if (operation == "BatchWriteItem" && Interlocked.Exchange(ref isSlow, 0) == 1)
            {
                await Task.Delay(TimeSpan.FromSeconds(3), Token);
            }

            return Fate.Pass;
        };
        AssertTimedOut(await admin.ActAsync("purged", "purge"));
        await Eventually.GetAsync("it is gone", () => client.GetAsync("purged"), answer => answer.Status == HttpStatusCode.NotFound);
        (await client.PostAsync(new { sk = "next", name = "x", code = "code-purged" })).Is(HttpStatusCode.Created);

        // What never came to the store is not there, and its code is free; what did is there with all that belongs to it.
        (await client.GetAsync("held")).Is(HttpStatusCode.NotFound);
        (await client.GetAsync("held-sync")).Is(HttpStatusCode.NotFound);
        (await client.PostAsync(new { sk = "other", name = "Other", code = "code-held" })).Is(HttpStatusCode.Created);
        (await client.PostAsync(new { sk = "another", name = "Another", code = "code-done" })).IsProblem(HttpStatusCode.Conflict, "code-taken");
        await stack.Postgres.RowAsync(client.IdOf("next"), 1);
        foreach (var sk in new[] { "done", "done-sync" })
        {
            await stack.Postgres.RowAsync(client.IdOf(sk), 1);
            Assert.Equal(1, (await client.GetAsync(sk)).Is(HttpStatusCode.OK).Version);
            Assert.Single((await client.HistoryAsync(sk)).Items);
        }

        // Seconds after their request's time would have been up, events still come.
        await ReadUntilAsync(events, "\"sk\":\"other\"");
    }

    private static void AssertTimedOut(Answer answer)
    {
        answer.IsProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        Assert.Contains("took too long", answer.Json["detail"]!.GetValue<string>());
        Assert.True(answer.Response.Headers.RetryAfter?.Delta > TimeSpan.Zero, answer.ToString());
    }

    private async Task<StreamReader> OpenEventsAsync(ApiInProcess api, string tenant)
    {
        var http = api.Http();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/product/events");
        request.Headers.Authorization = new("Bearer", await stack.TokenAsync($"user=anna&tenant={tenant}"));
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new StreamReader(await response.Content.ReadAsStreamAsync(Token));
    }

    private static async Task ReadUntilAsync(StreamReader events, string text)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        while (await events.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"The stream of events has ended before {text}.");
    }
}
