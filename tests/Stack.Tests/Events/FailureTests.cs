using System.Net;
using System.Text.Json.Nodes;

namespace StackTests.Events;

/// <summary>Who hears of a command that was parked: the tenant by an event, people by an alarm.</summary>
[Collection(ParkingCollection.Name)]
public sealed class FailureTests(Stack stack) : IAsyncLifetime
{
    private readonly string _constraint = $"refuses_{Guid.NewGuid():N}";

    private string Refused => $"Refused by {_constraint}";

    // The constraint makes the real handler refuse one name.
    public async ValueTask InitializeAsync() =>
        await stack.Postgres.ExecuteAsync($"ALTER TABLE products ADD CONSTRAINT {_constraint} CHECK (name <> '{Refused}') NOT VALID");

    public async ValueTask DisposeAsync() => await stack.Postgres.ExecuteAsync($"ALTER TABLE products DROP CONSTRAINT IF EXISTS {_constraint}");

    [Fact]
    public async Task A_parked_command_is_told_with_its_reason_once_to_the_tenant_and_once_to_people()
    {
        var (feed, client) = await EventFeed.OpenWithClientAsync(stack);
        await using var _ = feed;
        (await client.BulkAsync(new object[] { new { sk = "bad", name = Refused }, new { sk = "fine", name = "Fine" }, new { sk = "worse", name = Refused } }))
            .Is(HttpStatusCode.OK);

        var failed = await feed.SeeAsync("bad", 1);
        await feed.SeeAsync("worse", 1);
        Assert.Equal("FINISHED", (await feed.SeeAsync("fine", 1)).Status);

        var status = (await client.CommandAsync("bad", 1)).Is(HttpStatusCode.OK);
        Assert.Equal("FAILED", failed.Status);
        Assert.Equal(("FAILED", failed.Reason), (status.At("status")!.GetValue<string>(), status.At("reason")!.GetValue<string>()));
        Assert.Contains(_constraint, failed.Reason);
        foreach (var sk in new[] { "bad", "worse" })
        {
            var alarm = Assert.Single(await AlarmsAsync(client.IdOf(sk)));
            Assert.Equal("product: a command was parked", alarm.Subject);
            Assert.Contains($"ProductSyncHandler could not apply {client.IdOf(sk)} version 1 after 4 attempts", alarm.Body);
            Assert.Contains(_constraint, alarm.Body);
        }

        Assert.Contains("/eu-west-1/sns/aws4_request", stack.Sns.Authorizations[SnsStub.AlarmTopic]);

        // A replay that fails again is answered, and told to nobody else.
        var operators = stack.Client(client.Tenant, await stack.TokenAsync("user=olga&role=system_admin&global=true"));
        var parked = await ParkedAsync(operators, client.Tenant);
        Assert.Equal(2, parked.Count);
        (await operators.SendAsync(HttpMethod.Post, $"/api/ops/parked/{parked["bad"]}/replay")).Is(HttpStatusCode.Conflict);
        await stack.Postgres.ExecuteAsync($"ALTER TABLE products DROP CONSTRAINT {_constraint}");
        foreach (var id in parked.Values)
        {
            (await operators.SendAsync(HttpMethod.Post, $"/api/ops/parked/{id}/replay")).Is(HttpStatusCode.NoContent);
        }

        await Eventually.IsTrueAsync(
            "both are told to be finished", () => Task.FromResult(feed.Events.Count(seen => seen is { Status: "FINISHED", Sk: "bad" or "worse" }) == 2));
        Assert.Equal(5, feed.Count);
        Assert.Single(await AlarmsAsync(client.IdOf("bad")));
        Assert.Empty(await ParkedAsync(operators, client.Tenant));
    }

    private Task<List<SnsReceived>> AlarmsAsync(string id) => Eventually.GetAsync(
        $"there is an alarm about {id}",
        () => Task.FromResult(stack.Sns.Of(SnsStub.AlarmTopic).Where(alarm => alarm.Body.Contains($"{id} ", StringComparison.Ordinal)).ToList()),
        alarms => alarms.Count > 0);

    private static async Task<Dictionary<string, string>> ParkedAsync(ApiClient operators, string tenant) =>
        (await operators.SendAsync(HttpMethod.Get, "/api/ops/parked")).Is(HttpStatusCode.OK).Json.AsArray()
            .Where(parked => parked!["command"]?["tenantCode"]!.GetValue<string>() == tenant)
            .ToDictionary(Sk, parked => parked!["id"]!.GetValue<string>());

    private static string Sk(JsonNode? parked) => parked!["command"]!["id"]!.GetValue<string>().Split('#')[^1];
}
