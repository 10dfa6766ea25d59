using System.Collections.Concurrent;
using System.Net;
using Cqrs.Postgres.Events;
using Cqrs.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace StackTests.Events;

/// <summary>A client that comes back has missed nothing.</summary>
public sealed class EventResumeTests(Stack stack)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_is_cut_off_again_and_again_while_writes_go_on_sees_every_event_once_and_in_order()
    {
        const int Disconnects = 12;
        var client = await stack.ClientAsync();
        var token = await EventFeed.TokenAsync(stack, client.Tenant);
        var before = await stack.Postgres.NewestEventIdAsync();
        var newest = new ConcurrentDictionary<string, long>();
        using var stop = new CancellationTokenSource();
        var seen = new List<SeenEvent>();

        var feed = await EventFeed.OpenAsync(stack, token);
        var writing = Task.WhenAll(Enumerable.Range(0, 3).Select(writer => WriteAsync(client, writer, newest, stop.Token)));
        for (var i = 0; i < Disconnects; i++)
        {
            // Sometimes right after it has come, with nothing seen but where it is.
            var enough = i % 4 == 3 ? 0 : 5 + i;
            await Eventually.IsTrueAsync("there are events", () => Task.FromResult(feed.Count >= enough));
            await feed.DisposeAsync();
            seen.AddRange(feed.Events);
            // While it is away, something happens.
            var away = await stack.Postgres.NewestEventIdAsync();
            await Eventually.GetAsync("events go on", () => stack.Postgres.EventIdsAsync(client.Tenant, away), ids => ids.Count > 3);
            feed = await EventFeed.OpenAsync(stack, token, feed.LastId);
        }

        await stop.CancelAsync();
        await writing;
        foreach (var (sk, version) in newest)
        {
            await Eventually.IsTrueAsync(
                $"{sk} version {version} is seen", () => Task.FromResult(seen.Concat(feed.Events).Any(e => e.Sk == sk && e.Version == version)));
        }

        await feed.DisposeAsync();
        seen.AddRange(feed.Events);
        Assert.Equal(await stack.Postgres.EventIdsAsync(client.Tenant, before), seen.Select(e => e.Id));
        Assert.Equal(
            newest.OrderBy(one => one.Key), seen.GroupBy(e => e.Sk, (sk, events) => KeyValuePair.Create(sk, events.Max(e => e.Version))).OrderBy(one => one.Key));
    }

    [Fact]
    public async Task A_client_that_is_cut_off_before_its_first_event_misses_none_either()
    {
        var (feed, client) = await EventFeed.OpenWithClientAsync(stack);
        await feed.DisposeAsync();
        (await client.PostAsync(new { sk = "meanwhile", name = "Meanwhile" })).Is(HttpStatusCode.Created);
        await stack.Postgres.RowAsync(client.IdOf("meanwhile"), 1);

        await using var again = await EventFeed.OpenAsync(stack, await EventFeed.TokenAsync(stack, client.Tenant), feed.LastId);

        await again.SeeAsync("meanwhile", 1);
    }

    [Fact]
    public async Task Without_an_id_the_stream_begins_now()
    {
        var client = await stack.ClientAsync();
        await stack.Postgres.WriteEventsAsync(client.Tenant, 3);

        await using var feed = await EventFeed.OpenAsync(stack, await EventFeed.TokenAsync(stack, client.Tenant));
        (await client.PostAsync(new { sk = "new", name = "New" })).Is(HttpStatusCode.Created);

        await feed.SeeAsync("new", 1);
        Assert.Single(feed.Events);
    }

    [Fact]
    public async Task An_id_of_another_database_brings_all_that_is_kept()
    {
        var tenant = Stack.NewTenant();
        await stack.Postgres.WriteEventsAsync(tenant, 3);

        await using var feed = await EventFeed.OpenAsync(stack, await EventFeed.TokenAsync(stack, tenant), "9000000000000000000");

        await Eventually.IsTrueAsync("all are seen", () => Task.FromResult(feed.Count == 3));
    }

    [Fact]
    public async Task A_gap_in_the_ids_holds_nothing_up()
    {
        var (feed, client) = await EventFeed.OpenWithClientAsync(stack);
        await using var _ = feed;
        await stack.Postgres.WriteEventsAsync(client.Tenant, 1);
        await stack.Postgres.ExecuteAsync("SELECT setval('events_id_seq', nextval('events_id_seq') + 5000)");
        await stack.Postgres.WriteEventsAsync(client.Tenant, 1, perKey: 2);

        await Eventually.IsTrueAsync("both are seen", () => Task.FromResult(feed.Count == 2));

        Assert.True(feed.Events[1].Id - feed.Events[0].Id > 5000);
    }

    [Fact]
    public async Task Events_are_kept_for_24_hours()
    {
        var tenant = Stack.NewTenant();
        await stack.Postgres.WriteEventsAsync(tenant, 4);
        var ids = await stack.Postgres.EventIdsAsync(tenant);
        await stack.Postgres.ExecuteAsync("UPDATE events SET at = now() - interval '24 hours 1 minute' WHERE id = ANY(@ids)", ("ids", ids[..2].ToArray()));
        await stack.Postgres.ExecuteAsync("UPDATE events SET at = now() - interval '23 hours 50 minutes' WHERE id = @id", ("id", ids[2]));
        var schema = new SchemaReady();
        schema.Set();
        using var retention = new EventRetention(stack.Postgres, schema, NullLogger<EventRetention>.Instance);

        await retention.StartAsync(Token);

        var kept = await Eventually.GetAsync("the old are gone", () => stack.Postgres.EventIdsAsync(tenant), left => left.Count < 4);
        await retention.StopAsync(Token);
        Assert.Equal(ids[2..], kept);
        await using var feed = await EventFeed.OpenAsync(stack, await EventFeed.TokenAsync(stack, tenant), ids[0].ToString());
        await Eventually.IsTrueAsync("what is kept is seen", () => Task.FromResult(feed.Count == 2));
        Assert.Equal(ids[2..], feed.Events.Select(seen => seen.Id));
    }

    private static async Task WriteAsync(ApiClient client, int writer, ConcurrentDictionary<string, long> newest, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var sk = $"w{writer}-{i % 5}";
            var answer = await client.PostAsync(new { sk, name = $"Name {i}", version = -1 });
            Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Created, answer.ToString());
            newest[sk] = answer.Version;
        }
    }
}
