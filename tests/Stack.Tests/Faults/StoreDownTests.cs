using System.Diagnostics;
using System.Net;
using Aspire.Hosting.Testing;
using Npgsql;

namespace StackTests.Faults;

/// <summary>Parts of the application are stopped, and come back. Conformance 21, 22, 23, 34, 35 in short.</summary>
[Collection(Alone.Name)]
public sealed class StoreDownTests(OwnStack own) : IClassFixture<OwnStack>
{
    private const string Forged = "forged-line";

    private readonly Stack stack = own.Stack;

    // Conformance 35.
    [Fact]
    public async Task Without_DynamoDB_the_API_says_so_and_when_to_try_again_and_recovers_by_itself()
    {
        var client = await stack.ClientAsync();
        (await client.PostAsync(new { sk = "before", name = "Before" }, "?mode=sync")).Is(HttpStatusCode.Created);

        await stack.StopAsync(Stack.DynamoDb);
        foreach (var request in new Func<Task<Answer>>[]
        {
            () => client.PostAsync(new { sk = "during", name = "During" }),
            () => client.PostAsync(new { sk = "during", name = "During" }, "?mode=sync"),
            () => client.PatchAsync("before", new { name = "x" }, ("If-Match", "*")),
            () => client.DeleteAsync("before"),
            () => client.GetAsync("before"),
            () => client.ListAsync(),
            () => client.HistoryAsync("before"),
        })
        {
            AssertUnavailable(await request());
        }

        var bulk = (await client.BulkAsync(new object[] { new { sk = "during", name = "During" }, new { name = "" } })).Is(HttpStatusCode.MultiStatus);
        Assert.Equal([503, 400], bulk.Json.AsArray().Select(element => element!["status"]!.GetValue<int>()));
        (await client.PostAsync(new { name = "" })).NamesField("name");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync(Stack.Api));
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(Stack.Api, "/alive"));

        await stack.StartAsync(Stack.DynamoDb);
        await Eventually.IsTrueAsync("the API is ready again", async () => await HealthAsync(Stack.Api) == HttpStatusCode.OK);
        (await client.GetAsync("during")).IsProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Equal(1, (await client.GetAsync("before")).Is(HttpStatusCode.OK).Version);
        (await client.PostAsync(new { sk = "during", name = "After" })).Is(HttpStatusCode.Created);
        await stack.Postgres.RowAsync(client.IdOf("during"), 1);
        await Eventually.IsTrueAsync("the worker is ready again", async () => await HealthAsync(Stack.Worker) == HttpStatusCode.OK);
        await AssertConsoleTellsNoSecretAsync();
    }

    // Conformance 34.
    [Fact]
    public async Task Without_Postgres_what_needs_DynamoDB_alone_goes_on_and_the_rest_says_so()
    {
        var client = await stack.ClientAsync();
        var admin = stack.Client(client.Tenant, await stack.TokenAsync("user=root&role=system_admin&global=true"));
        (await client.PostAsync(new { sk = "before", name = "Before" }, "?mode=sync")).Is(HttpStatusCode.Created);

        await stack.StopAsync(Stack.PostgresServer);
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(Stack.Api));
        (await client.PostAsync(new { sk = "during", name = "During" })).Is(HttpStatusCode.Created);
        (await client.PatchAsync("before", new { name = "Changed" }, ("If-Match", "\"1\""))).Is(HttpStatusCode.OK);
        // The command stands; a read model cannot show it yet.
        (await client.PostAsync(new { sk = "sync", name = "Sync" }, "?mode=sync")).Is(HttpStatusCode.Accepted);
        Assert.Equal("Changed", (await client.GetAsync("before")).Is(HttpStatusCode.OK).At("name")!.GetValue<string>());
        Assert.Equal(3, (await client.ListAsync()).Is(HttpStatusCode.OK).Items.Count);
        Assert.Equal(2, (await client.HistoryAsync("before")).Is(HttpStatusCode.OK).Items.Count);
        var unavailable = await client.SearchAsync();
        AssertUnavailable(unavailable);
        await AssertIsInLogOfTraceAsync(unavailable);
        AssertUnavailable(await client.SendAsync(HttpMethod.Get, "/api/product/export", null, ("Accept", "text/csv")));
        AssertUnavailable(await client.SendAsync(HttpMethod.Get, $"/api/product/jobs/x%0d%0a{Forged}%0a{Forged}"));
        AssertUnavailable(await client.SendAsync(HttpMethod.Put, $"/api/product/resync-data/{Uri.EscapeDataString(client.Pk)}"));
        await Eventually.IsTrueAsync(
            "the worker says that it is held", async () => await HealthAsync(Stack.Worker) == HttpStatusCode.ServiceUnavailable);

        await stack.StartAsync(Stack.PostgresServer);
        await stack.Postgres.RowAsync(client.IdOf("during"), 1);
        await stack.Postgres.RowAsync(client.IdOf("sync"), 1);
        Assert.Equal("Changed", (await stack.Postgres.RowAsync(client.IdOf("before"), 2))["name"]!.GetValue<string>());
        Assert.Equal(3, (await client.SearchAsync()).Is(HttpStatusCode.OK).Total);
        await Eventually.IsTrueAsync("the worker is ready again", async () => await HealthAsync(Stack.Worker) == HttpStatusCode.OK);
        Assert.Equal("[]", (await admin.SendAsync(HttpMethod.Get, "/api/ops/parked")).Is(HttpStatusCode.OK).Text);
        await AssertConsoleTellsNoSecretAsync();
        var console = await stack.LinesOfAsync(Stack.Api);
        Assert.Contains(console, line => line.Contains(Forged, StringComparison.Ordinal));
        Assert.DoesNotContain(console, line => line.TrimStart().StartsWith(Forged, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Clients_that_follow_events_stay_connected_while_Postgres_is_away_and_miss_none()
    {
        var (feed, client) = await EventFeed.OpenWithClientAsync(stack);
        await using var _ = feed;
        (await client.PostAsync(new { sk = "before", name = "Before" })).Is(HttpStatusCode.Created);
        await feed.SeeAsync("before", 1);
        await stack.Postgres.RowAsync(client.IdOf("before"), 1);
        var token = await EventFeed.TokenAsync(stack, client.Tenant);

        await stack.StopAsync(Stack.PostgresServer);
        (await client.PostAsync(new { sk = "during", name = "During" })).Is(HttpStatusCode.Created);
        var (http, refused) = await EventFeed.AskAsync(stack, token, feed.LastId);
        AssertUnavailable(await Answer.ReadAsync(refused, TestContext.Current.CancellationToken));
        http.Dispose();
        var comments = feed.Comments;
        await Eventually.IsTrueAsync("heartbeats go on", () => Task.FromResult(feed.Comments > comments + 2));

        await stack.StartAsync(Stack.PostgresServer);
        await feed.SeeAsync("during", 1, TimeSpan.FromSeconds(40));
        (await client.PostAsync(new { sk = "after", name = "After" })).Is(HttpStatusCode.Created);
        await feed.SeeAsync("after", 1);
        Assert.Equal(["before", "during", "after"], feed.Events.Select(seen => seen.Sk));
        await Eventually.GetAsync(
            "all are forwarded to SNS",
            () => Task.FromResult(stack.Sns.Of(SnsStub.EventTopic, client.Tenant)),
            messages => messages.Select(message => message.Json["sk"]!.GetValue<string>()).Distinct().Count() == 3,
            TimeSpan.FromSeconds(60));
        await Eventually.IsTrueAsync("the worker is ready again", async () => await HealthAsync(Stack.Worker) == HttpStatusCode.OK);
    }

    // Conformance 21, 22, 23.
    [Fact]
    public async Task Without_the_worker_users_see_their_own_writes_and_nobody_elses()
    {
        var anna = await stack.ClientAsync();
        var ben = await stack.ClientAsync(anna.Tenant, "ben");
        await anna.BulkAsync(Enumerable.Range(0, 6).Select(i => new { sk = $"s{i}", name = $"Old {i}", attributes = new { price = i } }));
        await Eventually.GetAsync("all are in Postgres", () => stack.Postgres.CountAsync(anna.Tenant), count => count == 6);

        await stack.StopAsync(Stack.Worker);
        (await anna.PostAsync(new { sk = "new", name = "New", attributes = new { price = 100 } })).Is(HttpStatusCode.Created);
        (await anna.PostAsync(new { sk = "s0", name = "Changed", version = 1, attributes = new { price = 50 } })).Is(HttpStatusCode.OK);
        (await anna.DeleteAsync("s1")).Is(HttpStatusCode.OK);
        (await ben.PostAsync(new { sk = "s2", name = "By Ben", version = 1 })).Is(HttpStatusCode.OK);

        // By key and in the list.
        Assert.Equal("New", (await anna.GetAsync("new")).Is(HttpStatusCode.OK).At("name")!.GetValue<string>());
        (await ben.GetAsync("new")).Is(HttpStatusCode.NotFound);
        Assert.Equal(("Changed", "Old 0"), (await NameAsync(anna, "s0"), await NameAsync(ben, "s0")));
        Assert.Equal(("Old 2", "By Ben"), (await NameAsync(anna, "s2"), await NameAsync(ben, "s2")));
        Assert.True((await anna.GetAsync("s1")).At("isDeleted")!.GetValue<bool>());
        Assert.Equal("new s0 s2 s3 s4 s5", Sks(await anna.ListAsync()));
        Assert.Equal("s0 s1 s2 s3 s4 s5", Sks(await ben.ListAsync()));
        Assert.Equal("new s0 s2 | s3 s4 s5", string.Join(" | ", Sks(await anna.ListAsync("?limit=3")), Sks(await anna.ListAsync("?limit=3&startFromSk=s2"))));

        // In search: the new one leads, the changed one is in its place or gone, the deleted one is gone; the total follows.
        Assert.Equal((6L, 6L), ((await anna.SearchAsync()).Total, (await ben.SearchAsync()).Total));
        Assert.Equal("new s0 s2 s3 s4 s5", Sks(await anna.SearchAsync("?orderBys=name"), isSorted: true));
        Assert.Equal("new", (await anna.SearchAsync("?orderBys=name")).Items[0]!["sk"]!.GetValue<string>());
        Assert.Equal("s0", Sks(await anna.SearchAsync("?keyword=changed")));
        Assert.Equal("", Sks(await ben.SearchAsync("?keyword=changed")));
        Assert.Equal("s0", Sks(await ben.SearchAsync("?keyword=old%200")));
        var old = await anna.SearchAsync("?keyword=old");
        Assert.Equal((4L, "s2 s3 s4 s5"), (old.Total, Sks(old, isSorted: true)));
        Assert.Equal("new s0", Sks(await anna.SearchAsync("?minPrice=50"), isSorted: true));
        Assert.Equal("s1", Sks(await anna.SearchAsync("?keyword=old%201&includeDeleted=true")));
        var paged = new List<string>();
        for (var page = 1; page <= 3; page++)
        {
            var answer = await anna.SearchAsync($"?page={page}&pageSize=2");
            Assert.Equal(6, answer.Total);
            paged.AddRange(answer.Items.Select(item => item!["sk"]!.GetValue<string>()));
        }

        Assert.Equal(["new", "s0", "s2", "s3", "s4", "s5"], paged.Order(StringComparer.Ordinal));
        Assert.Equal("PENDING", (await anna.CommandAsync("new", 1)).At("status")!.GetValue<string>());

        // Somebody else goes on where Anna has been: the later state is shown to her as soon as the data table has it.
        (await ben.PostAsync(new { sk = "s0", name = "Even later", version = 2 }, "?mode=sync")).Is(HttpStatusCode.OK);
        Assert.Equal(("Even later", "Even later"), (await NameAsync(anna, "s0"), await NameAsync(ben, "s0")));
        Assert.Equal("", Sks(await anna.SearchAsync("?keyword=changed")));

        await stack.StartAsync(Stack.Worker);
        await stack.Postgres.RowAsync(anna.IdOf("new"), 1);
        await stack.Postgres.RowAsync(anna.IdOf("s1"), 2);
        Assert.Equal("By Ben", (await stack.Postgres.RowAsync(anna.IdOf("s2"), 2))["name"]!.GetValue<string>());
        Assert.Equal("new s0 s2 s3 s4 s5", Sks(await ben.SearchAsync(), isSorted: true));
        Assert.Equal("new s0 s2 s3 s4 s5", Sks(await ben.ListAsync()));
        Assert.Equal("FINISHED", (await anna.CommandAsync("new", 1, wait: 10)).At("status")!.GetValue<string>());
    }

    private static void AssertUnavailable(Answer answer)
    {
        answer.IsProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        Assert.True(answer.Response.Headers.RetryAfter?.Delta > TimeSpan.Zero, answer.ToString());
    }

    // What failed is told with its exceptions: none of them may tell a password or a token.
    private async Task AssertConsoleTellsNoSecretAsync()
    {
        var password = new NpgsqlConnectionStringBuilder(stack.ConnectionString).Password!;
        var token = await stack.TokenAsync("user=anna&tenant=acme");
        Assert.NotEmpty(password);
        (await stack.Client("acme", token + "x").ListAsync()).Is(HttpStatusCode.Unauthorized);
        foreach (var service in new[] { Stack.Api, Stack.Worker })
        {
            var console = await stack.LinesOfAsync(service);
            Assert.NotEmpty(console);
            // All tokens begin alike: with their header.
            Assert.All(console, line => Assert.False(
                line.Contains(password, StringComparison.Ordinal) || line.Contains(token.Split('.')[0], StringComparison.Ordinal), $"{service} tells a secret: {line}"));
        }
    }

    private static string Sks(Answer answer, bool isSorted = false)
    {
        var sks = answer.Is(HttpStatusCode.OK).Items.Select(item => item!["sk"]!.GetValue<string>());
        return string.Join(' ', isSorted ? sks.Order(StringComparer.Ordinal) : sks);
    }

    private static async Task<string> NameAsync(ApiClient client, string sk) =>
        (await client.GetAsync(sk)).Is(HttpStatusCode.OK).At("name")!.GetValue<string>();

    private async Task<HttpStatusCode> HealthAsync(string service, string path = "/health")
    {
        using var http = stack.App.CreateHttpClient(service, "http");
        using var response = await http.GetAsync(path, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    /// <summary>Whoever is told the trace id of a failure finds in the log what it was.</summary>
    private async Task AssertIsInLogOfTraceAsync(Answer answer)
    {
        var id = ActivityContext.Parse(answer.Json["traceId"]!.GetValue<string>(), null).TraceId.ToHexString();
        await stack.TraceAsync(id, "a log record of the failure", trace => trace.Logs.Any(log =>
            log is { Service: Stack.Api, Severity: "Warning", Category: "Cqrs.AspNetCore.Http.FaultHandler" } && log.Text.Contains("does not answer", StringComparison.Ordinal)));
    }
}
