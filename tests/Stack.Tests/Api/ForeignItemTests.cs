using System.Globalization;
using System.Net;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Cqrs.Items;
using StackTests.Transfer;

namespace StackTests.Api;

/// <summary>Items that another tool has written into the tables, and that are not what they should be. The worker parks their records.</summary>
[Collection(ParkingCollection.Name)]
public sealed class ForeignItemTests(Stack stack) : IDisposable
{
    private readonly AmazonDynamoDBClient _dynamoDb = new(
        new BasicAWSCredentials("local", "local"),
        new AmazonDynamoDBConfig { ServiceURL = stack.DynamoDbEndpoint.ToString(), AuthenticationRegion = "us-east-1" });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _dynamoDb.Dispose();

    [Theory]
    [InlineData("1")]
    [InlineData("-1")]
    public async Task A_foreign_item_in_the_place_of_the_next_version_is_named_and_nothing_is_written(string version)
    {
        var client = await stack.ClientAsync();
        (await client.PostAsync(new { sk = "a", name = "A", code = "free" })).Is(HttpStatusCode.Created);
        await PutAsync("product-command", client.Pk, "a@2");

        foreach (var query in new[] { "", "?mode=sync" })
        {
            (await client.PostAsync(new { sk = "a", name = "B", code = "taken", version = long.Parse(version, CultureInfo.InvariantCulture) }, query))
                .IsProblem(HttpStatusCode.InternalServerError, "unreadable-item");
        }

        (await client.PatchAsync("a", new { name = "B" }, ("If-Match", version == "1" ? "\"1\"" : "*")))
            .IsProblem(HttpStatusCode.InternalServerError, "unreadable-item");
        Assert.Equal("A", (await client.GetAsync("a")).Is(HttpStatusCode.OK).Json["name"]!.GetValue<string>());
        (await client.PostAsync(new { sk = "b", name = "B", code = "taken" })).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_foreign_item_in_the_data_table_is_named_and_the_others_are_shown()
    {
        var client = await stack.ClientAsync();
        (await client.PostAsync(new { sk = "good", name = "Good" }, "?mode=sync")).Is(HttpStatusCode.Created);
        await PutAsync("product-data", client.Pk, "bad");

        (await client.GetAsync("bad")).IsProblem(HttpStatusCode.InternalServerError, "unreadable-item");
        (await client.PostAsync(new { sk = "bad", name = "Bad", version = -1 })).IsProblem(HttpStatusCode.InternalServerError, "unreadable-item");
        Assert.Equal(
            ["good"], (await client.ListAsync()).Is(HttpStatusCode.OK).Json["items"]!.AsArray().Select(item => item!["sk"]!.GetValue<string>()));

        // The data table follows the commands.
        (await client.PostAsync(new { sk = "bad", name = "Better" })).Is(HttpStatusCode.Created);
        await Eventually.GetAsync("it is overwritten", async () => (await client.GetAsync("bad")).Status, status => status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_foreign_item_among_the_versions_of_an_item_is_passed_over_in_its_history()
    {
        var client = await stack.ClientAsync();
        (await client.PostAsync(new { sk = "a", name = "One" }, "?mode=sync")).Is(HttpStatusCode.Created);
        (await client.PostAsync(new { sk = "a", name = "Two", version = 1 }, "?mode=sync")).Is(HttpStatusCode.OK);
        await PutAsync("product-command", client.Pk, "a@1");

        Assert.Equal(
            [2L], (await client.HistoryAsync("a")).Is(HttpStatusCode.OK).Json["items"]!.AsArray().Select(item => item!["version"]!.GetValue<long>()));
    }

    [Fact]
    public async Task A_foreign_item_in_the_place_of_the_version_that_was_seen_is_named()
    {
        var client = await stack.ClientAsync();
        (await client.PostAsync(new { sk = "a", name = "A" }, "?mode=sync")).Is(HttpStatusCode.Created);
        await PutAsync("product-command", client.Pk, "a@1");

        foreach (var query in new[] { "", "?mode=sync" })
        {
            (await client.PostAsync(new { sk = "a", name = "B", version = 1 }, query)).IsProblem(HttpStatusCode.InternalServerError, "unreadable-item");
        }

        (await client.CommandAsync("a", 1)).Is(HttpStatusCode.NotFound);
        Assert.Equal("A", (await client.GetAsync("a")).Is(HttpStatusCode.OK).Json["name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_foreign_item_in_the_data_table_gives_way_to_the_commands_of_its_item(bool isVersionText)
    {
        var client = await stack.ClientAsync();
        (await client.PostAsync(new { sk = "known", name = "Known" }, "?mode=sync")).Is(HttpStatusCode.Created);
        foreach (var sk in new[] { "known", "posted", "synced", "imported" })
        {
            await PutAsync("product-data", client.Pk, sk, isVersionText);
        }

        (await client.PostAsync(new { sk = "posted", name = "Posted" })).Is(HttpStatusCode.Created);
        (await client.PostAsync(new { sk = "synced", name = "Synced" }, "?mode=sync")).Is(HttpStatusCode.Created);
        (await client.ImportAsync("sk,name\nknown,Changed\nimported,Imported\nother,Other\n")).Has(created: 2, updated: 1);

        await Eventually.GetAsync(
            "the list shows all",
            async () => (await client.ListAsync()).Is(HttpStatusCode.OK).Items.Select(item => item!["name"]!.GetValue<string>()).Order(),
            names => names.SequenceEqual(["Changed", "Imported", "Other", "Posted", "Synced"]));
    }

    private Task PutAsync(string table, string pk, string sk, bool isVersionText = false)
    {
        var item = ItemFormat.ToKey(pk, sk);
        if (isVersionText)
        {
            item["version"] = new AttributeValue("1");
        }

        item["written by"] = new AttributeValue("another tool");
        return _dynamoDb.PutItemAsync(table, item, Token);
    }
}
