using System.Net;
using Cqrs.Notifications;
using Cqrs.Postgres;
using Cqrs.Postgres.Events;
using Cqrs.Postgres.Hosting;
using Cqrs.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Products;

namespace StackTests.Events;

/// <summary>
/// The worker forwards events to the topic that is configured; a stub plays SNS. Where forwarding itself is tried, forwarders in this process work
/// on a topic of their own, from the newest event on.
/// </summary>
public sealed class EventForwardingTests(Stack stack) : IAsyncLifetime
{
    private readonly string _tenant = Stack.NewTenant();
    private readonly string _topic = $"arn:aws:sns:us-east-1:000000000000:events-{Guid.NewGuid():N}";
    private readonly List<EventForwarder> _forwarders = [];
    private SnsStub? _sns;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SnsStub Sns => _sns!;

    private List<long> Forwarded => [.. Sns.Of(_topic, _tenant).Select(message => message.Id)];

    public async ValueTask InitializeAsync()
    {
        _sns = await SnsStub.StartAsync(Token);
        await stack.Postgres.ExecuteAsync(
            "INSERT INTO event_checkpoints (topic_arn, last_id) SELECT @topic, coalesce(max(id), 0) FROM events", ("topic", _topic));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var forwarder in _forwarders)
        {
            await StopAsync(forwarder);
        }

        await Sns.DisposeAsync();
    }

    [Fact]
    public async Task The_worker_forwards_what_a_stream_tells_with_id_and_tenant()
    {
        var (feed, client) = await EventFeed.OpenWithClientAsync(stack);
        await using var _ = feed;
        (await client.PostAsync(new { sk = "Stühle & Co", name = "Chairs" })).Is(HttpStatusCode.Created);
        var seen = await feed.SeeAsync("Stühle & Co", 1);

        var message = (await Eventually.GetAsync(
            "it is forwarded", () => Task.FromResult(stack.Sns.Of(SnsStub.EventTopic, client.Tenant)), messages => messages.Count > 0)).Single();

        Assert.Equal(
            $$"""{"id":{{seen.Id}},"tenantCode":"{{client.Tenant}}","pk":"{{client.Pk}}","sk":"Stühle & Co","version":1,"status":"FINISHED"}""", message.Body);
        Assert.Equal(
            new Dictionary<string, string> { ["tenantCode"] = client.Tenant, ["type"] = "PRODUCT", ["status"] = "FINISHED" }, message.Attributes);
        Assert.StartsWith("AWS4-HMAC-SHA256 ", stack.Sns.Authorizations[SnsStub.EventTopic]);
        Assert.Contains("/eu-central-1/sns/aws4_request", stack.Sns.Authorizations[SnsStub.EventTopic]);
    }

    [Fact]
    public async Task Everything_is_forwarded_in_order_by_one_at_a_time()
    {
        Start();
        Start();
        Start();
        for (var i = 0; i < 10; i++)
        {
            await stack.Postgres.WriteEventsAsync(_tenant, 47);
        }

        var expected = await stack.Postgres.EventIdsAsync(_tenant);
        await Eventually.IsTrueAsync("all are forwarded", () => Task.FromResult(Forwarded.Count >= expected.Count));

        Assert.Equal(expected, Forwarded);
        Assert.Empty(Sns.Overlaps);
    }

    [Fact]
    public async Task A_forwarder_that_is_started_again_goes_on_where_it_was()
    {
        var first = Start();
        await stack.Postgres.WriteEventsAsync(_tenant, 25);
        await WaitForAllAsync();
        await StopAsync(first);
        await stack.Postgres.WriteEventsAsync(_tenant, 25);

        Start();

        await WaitForAllAsync();
        Assert.Equal(await stack.Postgres.EventIdsAsync(_tenant), Forwarded);
    }

    [Fact]
    public async Task While_SNS_is_down_events_are_held_and_nothing_else_waits_for_it()
    {
        var (feed, client) = await EventFeed.OpenWithClientAsync(stack, _tenant);
        await using var _ = feed;
        stack.Sns.Decide = (topic, _) => topic == SnsStub.EventTopic ? SnsFate.Hang : SnsFate.Take;
        try
        {
            await stack.Postgres.WriteEventsAsync(_tenant, 1);
            var requests = await Eventually.GetAsync("SNS is asked", () => Task.FromResult(RequestsOfWorker), count => count > 0);
            stack.Sns.Decide = (topic, _) => topic == SnsStub.EventTopic ? SnsFate.Refuse : SnsFate.Take;
            await Eventually.IsTrueAsync("it is tried again", () => Task.FromResult(RequestsOfWorker > requests + 2));

            (await client.PostAsync(new { sk = "meanwhile", name = "Meanwhile" })).Is(HttpStatusCode.Created);
            await feed.SeeAsync("meanwhile", 1);
            Assert.Empty(stack.Sns.Of(SnsStub.EventTopic, _tenant));
        }
        finally
        {
            stack.Sns.Decide = (_, _) => SnsFate.Take;
        }

        var forwarded = await Eventually.GetAsync(
            "all are forwarded",
            () => Task.FromResult(stack.Sns.Of(SnsStub.EventTopic, _tenant)),
            messages => messages.Count >= 2,
            TimeSpan.FromSeconds(60));
        Assert.Equal(await stack.Postgres.EventIdsAsync(_tenant), forwarded.Select(message => message.Id));
    }

    [Fact]
    public async Task What_SNS_refuses_of_a_batch_is_tried_again_and_what_comes_after_it_too()
    {
        var refusals = 0;
        await stack.Postgres.WriteEventsAsync(_tenant, 30);
        var ids = await stack.Postgres.EventIdsAsync(_tenant);
        Sns.Spurns = message => message["id"]!.GetValue<long>() == ids[4] && Interlocked.Increment(ref refusals) <= 2;

        Start();

        await WaitForAllAsync();
        Assert.Equal(3, refusals);
        Assert.Equal(ids, Forwarded.Distinct().Order());
        // Nobody sees an event as the last before what came before it.
        Assert.Equal(ids[4..], Forwarded[Forwarded.IndexOf(ids[4])..]);
    }

    [Fact]
    public async Task A_batch_whose_answer_is_lost_comes_again()
    {
        var isLost = 0;
        Sns.Decide = (_, said) =>
            said.Contains(_tenant, StringComparison.Ordinal) && Interlocked.Exchange(ref isLost, 1) == 0 ? SnsFate.LoseAnswer : SnsFate.Take;
        await stack.Postgres.WriteEventsAsync(_tenant, 5);

        Start();

        var ids = await stack.Postgres.EventIdsAsync(_tenant);
        await Eventually.IsTrueAsync("the last has come, and one twice", () => Task.FromResult(Forwarded.Count > 5 && Forwarded[^1] == ids[^1]));
        Assert.Equal(ids, Forwarded.Distinct());
    }

    [Fact]
    public async Task A_worker_that_hangs_with_a_batch_in_hand_does_not_keep_the_others_from_it()
    {
        // The lock is held by a connection that does nothing more, as that of a worker whose process stands still.
        await using var hanging = await stack.Postgres.OpenConnectionAsync(Token);
        await using var transaction = await hanging.BeginTransactionAsync(Token);
        await stack.Postgres.WriteEventsAsync(_tenant, 3);
        Assert.NotNull(await CheckpointStatements.LockAsync(hanging, _topic, Token));

        Start();

        await Eventually.IsTrueAsync("another goes on", () => Task.FromResult(Forwarded.Count == 3), TimeSpan.FromSeconds(40));
    }

    private int RequestsOfWorker => stack.Sns.Requests.GetValueOrDefault(SnsStub.EventTopic);

    private EventForwarder Start()
    {
        var services = new ServiceCollection();
        services.AddDbContext<ReadModelContext, ProductsContext>(options =>
        {
            options.UseNpgsql(stack.Postgres);
            ReadModelServices.Configure(options);
        });
        var schema = new SchemaReady();
        schema.Set();
        var forwarder = new EventForwarder(
            stack.Postgres,
            new EventReader(services.BuildServiceProvider().GetRequiredService<IServiceScopeFactory>()),
            new SnsTopic(new HttpClient { BaseAddress = Sns.Endpoint, Timeout = TimeSpan.FromSeconds(5) }, _topic),
            schema,
            NullLogger<EventForwarder>.Instance);
        _ = forwarder.StartAsync(Token);
        _forwarders.Add(forwarder);
        return forwarder;
    }

    private static async Task StopAsync(EventForwarder forwarder)
    {
        await forwarder.StopAsync(CancellationToken.None);
        forwarder.Dispose();
    }

    private async Task WaitForAllAsync()
    {
        var ids = await stack.Postgres.EventIdsAsync(_tenant);
        await Eventually.IsTrueAsync("all are forwarded", () => Task.FromResult(ids.Except(Forwarded).Any() is false), TimeSpan.FromSeconds(40));
    }
}
