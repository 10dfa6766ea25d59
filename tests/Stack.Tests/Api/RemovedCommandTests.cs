using System.Net;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;

namespace StackTests.Api;

/// <summary>Commands that left the command table: by a purge, which leaves nothing, or by somebody's hand, which takes nothing else along.</summary>
public sealed class RemovedCommandTests(Stack stack) : IDisposable
{
    private const string Commands = "product-command";

    private readonly AmazonDynamoDBClient _dynamoDb = new(
        new BasicAWSCredentials("local", "local"),
        new AmazonDynamoDBConfig { ServiceURL = stack.DynamoDbEndpoint.ToString(), AuthenticationRegion = "us-east-1" });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _dynamoDb.Dispose();

    [Fact]
    public async Task What_was_written_by_who_had_not_seen_the_purge_is_purged_too()
    {
        var client = await ClientWithChairAsync();
        var late = await CommandAsync(client, 2);
        (late["version"], late["sk"]) = (new AttributeValue { N = "3" }, new AttributeValue("chair@3"));

        (await client.ActAsync("chair", "purge")).Is(HttpStatusCode.Accepted);
        await _dynamoDb.PutItemAsync(Commands, late, Cancellation);

        await PassedAsync(client);
        await Eventually.IsTrueAsync("the late version is gone", async () => (await CommandAsync(client, 3)).Count == 0);
        await Eventually.IsTrueAsync("its row is gone", async () => await stack.Postgres.RowAsync(client.IdOf("chair")) is null);
        (await client.GetAsync("chair")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await client.PostAsync(new { sk = "other", name = "Other", code = "CHAIR-CODE" })).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_command_that_somebody_removes_by_hand_takes_no_other_along()
    {
        var client = await ClientWithChairAsync();
        var first = await CommandAsync(client, 1);
        await _dynamoDb.DeleteItemAsync(Commands, new() { ["pk"] = first["pk"], ["sk"] = first["sk"] }, Cancellation);

        await PassedAsync(client);
        Assert.NotEmpty(await CommandAsync(client, 2));
        Assert.Equal(2, (await client.GetAsync("chair")).Is(HttpStatusCode.OK).Version);
        Assert.Equal(3, (await client.PatchAsync("chair", new { name = "Three" }, ("If-Match", "\"2\""))).Is(HttpStatusCode.OK).Version);
        Assert.Equal("Three", (await stack.Postgres.RowAsync(client.IdOf("chair"), 3))["name"]!.GetValue<string>());
    }

    private async Task<ApiClient> ClientWithChairAsync()
    {
        var client = await stack.ClientAsync(role: "admin");
        (await client.PostAsync(new { sk = "chair", name = "One", code = "CHAIR-CODE" })).Is(HttpStatusCode.Created);
        (await client.PatchAsync("chair", new { name = "Two" }, ("If-Match", "*"))).Is(HttpStatusCode.OK);
        await stack.Postgres.RowAsync(client.IdOf("chair"), 2);
        return client;
    }

    // What is published later is projected later: when it is there, the stream has passed what came before.
    private async Task PassedAsync(ApiClient client)
    {
        (await client.PostAsync(new { sk = "marker", name = "Marker" })).Is(HttpStatusCode.Created);
        await stack.Postgres.RowAsync(client.IdOf("marker"), 1);
        (await client.PostAsync(new { sk = "marker", name = "Marker 2", version = 1 })).Is(HttpStatusCode.OK);
        await stack.Postgres.RowAsync(client.IdOf("marker"), 2);
    }

    private async Task<Dictionary<string, AttributeValue>> CommandAsync(ApiClient client, int version)
    {
        var found = await _dynamoDb.GetItemAsync(
            new GetItemRequest
            {
                TableName = Commands,
                Key = new() { ["pk"] = new AttributeValue(client.Pk), ["sk"] = new AttributeValue($"chair@{version}") },
                ConsistentRead = true,
            },
            Cancellation);
        return found.Item ?? [];
    }
}
