using System.Net;
using System.Net.Http.Headers;
using Aspire.Hosting.Testing;

namespace StackTests.Events;

/// <summary>What a client of <c>GET /events</c> is told, and who may be one.</summary>
public sealed class EventStreamTests(Stack stack)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_is_told_when_the_read_models_have_a_command()
    {
        var (feed, client) = await EventFeed.OpenWithClientAsync(stack);
        await using var _ = feed;

        (await client.PostAsync(new { sk = "stuhl/1#ä", name = "Stuhl" })).Is(HttpStatusCode.Created);

        var seen = await feed.SeeAsync("stuhl/1#ä", 1);
        Assert.Equal((client.Pk, "FINISHED", null), (seen.Pk, seen.Status, seen.Reason));
        Assert.Equal(1, ReadModel.VersionOf(await stack.Postgres.RowAsync(client.IdOf("stuhl/1#ä"))));
        Assert.Equal("text/event-stream", feed.MediaType);
        Assert.True(feed.Headers.CacheControl?.NoCache);

        // A soft delete is a version like any other; a synchronous publish is told too.
        (await client.DeleteAsync("stuhl/1#ä")).Is(HttpStatusCode.OK);
        (await client.PostAsync(new { sk = "sync", name = "Now" }, "?mode=sync")).Is(HttpStatusCode.Created);
        await feed.SeeAsync("stuhl/1#ä", 2);
        await feed.SeeAsync("sync", 1);
        Assert.Equal(3, feed.Count);
    }

    [Fact]
    public async Task Two_tenants_never_see_each_others_events()
    {
        var (one, ofOne) = await EventFeed.OpenWithClientAsync(stack);
        await using var _ = one;
        var (two, ofTwo) = await EventFeed.OpenWithClientAsync(stack);
        await using var __ = two;

        await Task.WhenAll(new[] { ofOne, ofTwo }.Select(client => client.BulkAsync(
            Enumerable.Range(0, 50).Select(i => new { sk = $"{client.Tenant}-{i}", name = $"Thing {i}" }))));
        await Eventually.IsTrueAsync("both have seen theirs", () => Task.FromResult(one.Count >= 50 && two.Count >= 50));
        await using var oneFromTheStart = await EventFeed.OpenAsync(stack, await EventFeed.TokenAsync(stack, ofOne.Tenant), "0");
        await Eventually.IsTrueAsync("one has seen them again", () => Task.FromResult(oneFromTheStart.Count >= 50));

        Assert.Equal(50, one.Count);
        Assert.Equal(50, two.Count);
        Assert.Equal(50, oneFromTheStart.Count);
        Assert.All(one.Events.Concat(oneFromTheStart.Events), seen => Assert.StartsWith(ofOne.Tenant, seen.Sk));
        Assert.All(two.Events, seen => Assert.StartsWith(ofTwo.Tenant, seen.Sk));
    }

    [Fact]
    public async Task A_header_does_not_open_another_tenants_stream()
    {
        var (victims, client) = await EventFeed.OpenWithClientAsync(stack);
        await using var _ = victims;
        var own = Stack.NewTenant();
        using var http = stack.App.CreateHttpClient(Stack.Api, "http");
        using var request = new HttpRequestMessage(HttpMethod.Get, EventFeed.Path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await EventFeed.TokenAsync(stack, own));
        request.Headers.Add("x-tenant-code", client.Tenant);
        request.Headers.Add("Last-Event-ID", "0");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        (await client.PostAsync(new { sk = "secret", name = "Secret" })).Is(HttpStatusCode.Created);
        await victims.SeeAsync("secret", 1);

        // Its own events come, after the others' in the table, and none of theirs before.
        await stack.Postgres.WriteEventsAsync(own, 1);
        while (await reader.ReadLineAsync(Token) is { } line)
        {
            Assert.DoesNotContain("secret", line);
            if (line.Contains("made-up-0", StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail("The stream ended.");
    }

    [Fact]
    public async Task Without_a_token_a_tenant_or_a_sensible_id_there_is_no_stream()
    {
        (await AskAsync(null)).IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
        (await AskAsync(await stack.TokenAsync("user=anna&tenant=t&expires=-5"))).IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
        (await AskAsync(await stack.TokenAsync("user=anna"))).IsProblem(HttpStatusCode.Forbidden, "forbidden");
        var token = await EventFeed.TokenAsync(stack, Stack.NewTenant());
        foreach (var id in new[] { "x", "-1", "1.5", "1,000", "99999999999999999999", "0x10", "1 2" })
        {
            (await AskAsync(token, id)).NamesField("Last-Event-ID");
        }
    }

    [Fact]
    public async Task A_stream_without_events_says_that_it_is_alive()
    {
        var (feed, _) = await EventFeed.OpenWithClientAsync(stack);
        await using var __ = feed;

        await Eventually.IsTrueAsync("two heartbeats came", () => Task.FromResult(feed.Comments >= 2));

        Assert.Empty(feed.Events);
        Assert.False(feed.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_stream_ends_when_its_token_expires()
    {
        var tenant = Stack.NewTenant();
        var started = DateTimeOffset.UtcNow;
        await using var feed = await EventFeed.OpenAsync(stack, await stack.TokenAsync($"user={tenant}&tenant={tenant}&expires=4"));
        await using var other = await EventFeed.OpenAsync(stack, await EventFeed.TokenAsync(stack, tenant));

        await feed.Ended.WaitAsync(TimeSpan.FromSeconds(15), Token);

        Assert.True(DateTimeOffset.UtcNow - started > TimeSpan.FromSeconds(3), "It ended before its time.");
        Assert.False(other.Ended.IsCompleted);
        await stack.Postgres.WriteEventsAsync(tenant, 1);
        await other.SeeAsync("made-up-0", 1);
        Assert.Empty(feed.Events);
    }

    [Fact]
    public async Task A_user_has_only_so_many_streams_and_gets_a_place_back_for_each_that_ends()
    {
        const int Limit = 20;
        var tenant = Stack.NewTenant();
        var token = await EventFeed.TokenAsync(stack, tenant);
        var feeds = new Stack<EventFeed>();
        try
        {
            for (var i = 0; i < Limit; i++)
            {
                feeds.Push(await EventFeed.OpenAsync(stack, token));
            }

            (await AskAsync(token)).IsProblem(HttpStatusCode.TooManyRequests, "too-many-requests");
            // Another user of the same tenant is not concerned.
            feeds.Push(await EventFeed.OpenAsync(stack, await EventFeed.TokenAsync(stack, tenant)));
            await feeds.Pop().DisposeAsync();

            await feeds.Pop().DisposeAsync();
            feeds.Push((await Eventually.GetAsync("there is a place again", () => EventFeed.TryOpenAsync(stack, token), feed => feed is not null))!);
            await stack.Postgres.WriteEventsAsync(tenant, 1);
            await Task.WhenAll(feeds.Select(feed => feed.SeeAsync("made-up-0", 1)));
        }
        finally
        {
            foreach (var feed in feeds)
            {
                await feed.DisposeAsync();
            }
        }
    }

    private async Task<Answer> AskAsync(string? token, string? lastId = null)
    {
        var (http, response) = await EventFeed.AskAsync(stack, token, lastId);
        using (http)
        {
            Assert.True((int)response.StatusCode >= 400, $"{lastId}: {response.StatusCode}");
            return await Answer.ReadAsync(response, Token);
        }
    }
}
