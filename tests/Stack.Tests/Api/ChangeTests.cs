using System.Net;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;

namespace StackTests.Api;

/// <summary>PATCH, DELETE, restore, rollback, duplicate and purge.</summary>
public sealed class ChangeTests(Stack stack)
{
    private static readonly object Chair = new
    {
        sk = "chair", code = "C-1", name = "Chair", seq = 3,
        attributes = new { category = "F", price = 1.50m, description = "Old", specification = new { weight = "1 kg", dimensions = "1x1" } },
    };

    // Conformance 10.
    [Theory]
    [InlineData("application/merge-patch+json")]
    [InlineData("application/json")]
    [InlineData("application/merge-patch+json; charset=utf-8")]
    public async Task A_patch_changes_what_it_names_and_null_removes(string contentType)
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(Chair);

        var patched = (await client.PatchAsync(
            "chair",
            """{"name":"Stool","seq":null,"attributes":{"price":2,"description":null,"specification":{"weight":"2 kg"}}}""",
            ("If-Match", "\"1\""),
            ("Content-Type", contentType))).Is(HttpStatusCode.OK);

        Assert.Equal(("\"2\"", 2, "Stool", "C-1"), (patched.ETag, patched.Version, patched.At("name")!.GetValue<string>(), patched.At("code")!.GetValue<string>()));
        Assert.Null(patched.At("seq"));
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse("""{"category":"F","price":2,"specification":{"weight":"2 kg","dimensions":"1x1"}}"""), patched.At("attributes")),
            patched.ToString());

        // Conformance 28.
        var row = await stack.Postgres.RowAsync(client.IdOf("chair"), 2);
        Assert.Equal((null, null, "Stool"), (row["description"], row["seq"], row["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_patch_says_which_version_it_builds_on_by_header_or_in_the_body()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(Chair);

        Assert.Equal(2, (await client.PatchAsync("chair", new { name = "2" }, ("If-Match", "\"1\""))).Is(HttpStatusCode.OK).Version);
        Assert.Equal(3, (await client.PatchAsync("chair", new { name = "3", version = 2 })).Is(HttpStatusCode.OK).Version);
        Assert.Equal(4, (await client.PatchAsync("chair", new { name = "4" }, ("If-Match", "*"))).Is(HttpStatusCode.OK).Version);
        Assert.Equal(5, (await client.PatchAsync("chair", new { name = "5", version = -1 })).Is(HttpStatusCode.OK).Version);

        Assert.Contains("If-Match", (await client.PatchAsync("chair", new { name = "6" })).Is(HttpStatusCode.BadRequest).Fields);
        foreach (var tag in new[] { "1", "\"x\"", "\"0\"", "\"-1\"", "W/\"5\"", "\"5\", \"6\"", "\"99999999999999999999\"" })
        {
            Assert.Contains("If-Match", (await client.PatchAsync("chair", new { name = "6" }, ("If-Match", tag))).Is(HttpStatusCode.BadRequest).Fields);
        }

        (await client.PatchAsync("chair", new { name = "6", version = 0 })).NamesField("version", "invalid-version");
        Assert.Equal(5, (await client.GetAsync("chair")).Version);
    }

    // Conformance 11.
    [Fact]
    public async Task A_patch_of_a_stale_version_is_a_conflict_and_of_an_unknown_product_not_found()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(Chair);
        await client.PatchAsync("chair", new { name = "2" }, ("If-Match", "*"));

        var conflict = (await client.PatchAsync("chair", new { name = "3" }, ("If-Match", "\"1\""))).IsProblem(HttpStatusCode.Conflict, "version-conflict");
        Assert.Equal(2, conflict.At("currentVersion")!.GetValue<long>());
        (await client.PatchAsync("none", new { name = "x" }, ("If-Match", "*"))).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await client.PatchAsync("none", new { name = "x" }, ("If-Match", "\"1\""))).IsProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Empty((await client.PatchAsync("chair", new { name = "2", attributes = new { price = 1.5 } }, ("If-Match", "\"2\""))).Is(HttpStatusCode.NoContent).Text);
    }

    [Theory]
    [InlineData("""{"name":""}""", "name", "validation")]
    [InlineData("""{"name":null}""", "name", "validation")]
    [InlineData("""{"name":7}""", "name", "validation")]
    [InlineData("""{"attributes":{"price":"x"}}""", "attributes.price", "validation")]
    [InlineData("""{"attributes":[]}""", "attributes", "validation")]
    [InlineData("""{"ttl":-5}""", "ttl", "validation")]
    [InlineData("""{"ttl":1767225600000}""", "ttl", "validation")]
    [InlineData("""{"code":""}""", "code", "validation")]
    [InlineData("""{"code":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}""", "code", "validation")]
    [InlineData("""{"sk":"other"}""", "sk", "invalid-key")]
    [InlineData("""{"type":"ORDER"}""", "type", "validation")]
    [InlineData("[]", "$", "validation")]
    [InlineData("null", "$", "validation")]
    [InlineData("{", "$", "validation")]
    public async Task A_patch_that_cannot_be_taken_is_answered_with_the_field(string patch, string field, string code)
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(Chair);

        // Whatever is stored.
        foreach (var (sk, version) in new[] { ("chair", "*"), ("chair", "\"1\""), ("chair", "\"99\""), ("none", "*"), ("none", "\"1\"") })
        {
            (await client.PatchAsync(sk, patch.Replace("chair", sk), ("If-Match", version))).NamesField(field, code);
        }

        Assert.Equal(1, (await client.GetAsync("chair")).Version);
    }

    // Conformance 27.
    [Fact]
    public async Task A_deleted_product_is_kept_marked_left_out_of_lists_and_can_be_restored()
    {
        var client = await stack.ClientAsync();
        var other = await stack.ClientAsync(client.Tenant, "ben");
        await client.PostAsync(Chair);

        var deleted = (await client.DeleteAsync("chair", ("If-Match", "\"1\""))).Is(HttpStatusCode.OK);
        Assert.Equal((2, true), (deleted.Version, deleted.At("isDeleted")!.GetValue<bool>()));
        Assert.Empty((await client.DeleteAsync("chair")).Is(HttpStatusCode.NoContent).Text);
        Assert.True((await stack.Postgres.RowAsync(client.IdOf("chair"), 2))["is_deleted"]!.GetValue<bool>());
        foreach (var user in new[] { client, other })
        {
            Assert.True((await user.GetAsync("chair")).Is(HttpStatusCode.OK).At("isDeleted")!.GetValue<bool>());
            Assert.Empty((await user.ListAsync()).Items);
            Assert.Single((await user.ListAsync("?includeDeleted=true")).Items);
            Assert.Equal(0, (await user.SearchAsync()).Total);
            Assert.Equal(1, (await user.SearchAsync("?includeDeleted=true")).Total);
        }

        var restored = (await client.ActAsync("chair", "restore")).Is(HttpStatusCode.OK);
        Assert.Equal((3, false), (restored.Version, restored.At("isDeleted")!.GetValue<bool>()));
        Assert.Empty((await client.ActAsync("chair", "restore")).Is(HttpStatusCode.NoContent).Text);
        Assert.False((await stack.Postgres.RowAsync(client.IdOf("chair"), 3))["is_deleted"]!.GetValue<bool>());
        Assert.Equal(1, (await other.SearchAsync()).Total);
        Assert.Single((await other.ListAsync()).Items);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("restore")]
    public async Task Deleting_and_restoring_check_the_version_and_whether_there_is_anything(string action)
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(Chair);
        await client.PatchAsync("chair", new { name = "2", isDeleted = action == "restore" }, ("If-Match", "*"));

        (await ActAsync("chair", "\"1\"")).IsProblem(HttpStatusCode.Conflict, "version-conflict");
        (await ActAsync("chair", "nonsense")).Is(HttpStatusCode.BadRequest);
        (await ActAsync("none", "*")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await ActAsync("chair", "\"2\"")).Is(HttpStatusCode.OK);

        Task<Answer> ActAsync(string sk, string ifMatch) => action == "delete"
            ? client.DeleteAsync(sk, ("If-Match", ifMatch))
            : client.ActAsync(sk, action, ("If-Match", ifMatch));
    }

    [Fact]
    public async Task A_rollback_is_a_new_version_with_the_content_of_an_old_one()
    {
        var client = await stack.ClientAsync();
        var first = await client.PostAsync(Chair);
        await client.PostAsync(new { sk = "chair", name = "Other", code = "C-2", version = 1 });
        await client.DeleteAsync("chair");

        var rolledBack = (await client.ActAsync("chair", "rollback/1")).Is(HttpStatusCode.OK);

        Assert.Equal(4, rolledBack.Version);
        Assert.True(JsonNode.DeepEquals(first.Content(), rolledBack.Content()), $"{first}\n{rolledBack}");
        Assert.Equal(4, (await client.HistoryAsync("chair")).Items.Count);
        (await client.ActAsync("chair", "rollback/4")).Is(HttpStatusCode.NoContent);
        (await client.ActAsync("chair", "rollback/9")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await client.ActAsync("none", "rollback/1")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await client.ActAsync("chair", "rollback/0")).NamesField("version", "invalid-version");
        (await client.ActAsync("chair", "rollback/x")).NamesField("version", "invalid-version");
        (await client.ActAsync("chair", "rollback/2", ("If-Match", "\"3\""))).IsProblem(HttpStatusCode.Conflict, "version-conflict");
    }

    [Fact]
    public async Task A_rollback_to_a_code_that_another_product_has_by_now_is_refused()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(Chair);
        await client.PostAsync(new { sk = "chair", name = "Chair", code = "C-2", version = 1 });
        await client.PostAsync(new { sk = "table", name = "Table", code = "C-1" });

        (await client.ActAsync("chair", "rollback/1")).IsProblem(HttpStatusCode.Conflict, "code-taken");
        Assert.Equal(2, (await client.GetAsync("chair")).Version);
    }

    [Fact]
    public async Task A_duplicate_is_a_new_product_with_the_same_content_but_the_code()
    {
        var client = await stack.ClientAsync();
        var original = await client.PostAsync(Chair);

        var copy = (await client.ActAsync("chair", "duplicate")).Is(HttpStatusCode.Created);

        Assert.NotEqual("chair", copy.Sk);
        Assert.Equal((1, copy.Sk), (copy.Version, copy.At("code")!.GetValue<string>()));
        Assert.Equal(client.PathOf(copy.Sk), copy.Response.Headers.Location!.OriginalString);
        Assert.Equal("Chair", copy.At("name")!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(original.At("attributes"), copy.At("attributes")), $"{original}\n{copy}");
        Assert.NotEqual(copy.Sk, (await client.ActAsync("chair", "duplicate")).Is(HttpStatusCode.Created).Sk);
        Assert.Equal(3, (await client.ListAsync()).Items.Count);
        (await client.ActAsync("none", "duplicate")).IsProblem(HttpStatusCode.NotFound, "not-found");
    }

    // Conformance 20c.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_purge_leaves_nothing_of_a_product_in_any_table_and_late_records_bring_nothing_back(bool isProjectedBefore)
    {
        var client = await stack.ClientAsync(role: "admin");
        await client.PostAsync(Chair, "", ("Idempotency-Key", "key-1"));
        await client.PatchAsync("chair", new { name = "2" }, ("If-Match", "*"));
        await client.PostAsync(new { sk = "chair", name = "3", code = "C-3", version = 2 }, isProjectedBefore ? "?mode=sync" : "");
        await client.PostAsync(new { sk = "chair2", name = "Neighbour" });
        if (isProjectedBefore)
        {
            await stack.Postgres.RowAsync(client.IdOf("chair"), 3);
        }

        (await client.ActAsync("chair", "purge")).Is(HttpStatusCode.Accepted);

        // What is published later is projected later: when it is there, the stream has passed the purge.
        await client.PostAsync(new { sk = "marker", name = "Marker" });
        await stack.Postgres.RowAsync(client.IdOf("marker"), 1);
        await Eventually.GetAsync("nothing of the product is left", () => RemainsAsync(client, "chair"), remains => remains.Length == 0);
        (await client.GetAsync("chair")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await client.HistoryAsync("chair")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await client.ActAsync("chair", "purge")).IsProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Equal(["chair2", "marker"], (await client.ListAsync()).Items.Select(item => item!["sk"]!.GetValue<string>()));

        // Its codes and its key are free.
        (await client.PostAsync(new { sk = "table", name = "Table", code = "C-3" })).Is(HttpStatusCode.Created);
        (await client.PostAsync(new { sk = "bench", name = "Bench", code = "C-1" })).Is(HttpStatusCode.Created);
        Assert.Equal(1, (await client.PostAsync(new { sk = "chair", name = "New" })).Is(HttpStatusCode.Created).Version);
        Assert.Equal("New", (await stack.Postgres.RowAsync(client.IdOf("chair"), 1))["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_product_that_is_created_again_right_after_a_purge_is_the_new_one_everywhere()
    {
        var client = await stack.ClientAsync(role: "admin");
        for (var version = 0; version < 5; version++)
        {
            await client.PostAsync(new { sk = "chair", name = $"Old {version}", version });
        }

        (await client.ActAsync("chair", "purge")).Is(HttpStatusCode.Accepted);
        (await client.PostAsync(new { sk = "chair", name = "New" })).Is(HttpStatusCode.Created);

        var other = await stack.ClientAsync(client.Tenant, "ben");
        await Eventually.GetAsync(
            "Postgres has the new product",
            () => stack.Postgres.RowAsync(client.IdOf("chair")),
            row => row is not null && row["name"]!.GetValue<string>() == "New" && ReadModel.VersionOf(row) == 1);
        await Eventually.GetAsync(
            "the data table has the new product", () => other.GetAsync("chair"), answer => answer.Status == HttpStatusCode.OK && answer.Version == 1);
        Assert.Single((await client.HistoryAsync("chair")).Items);
    }

    // Everything that a key has in the tables of the stack, and its row.
    private async Task<string> RemainsAsync(ApiClient client, string sk)
    {
        using var dynamoDb = new AmazonDynamoDBClient(
            new BasicAWSCredentials("local", "local"),
            new AmazonDynamoDBConfig { ServiceURL = stack.DynamoDbEndpoint.ToString(), AuthenticationRegion = "us-east-1" });
        var remains = new List<string>();
        foreach (var table in new[] { "product-command", "product-data", "product-history", "product-unique", "session" })
        {
            var page = await dynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = table,
                    KeyConditionExpression = "pk = :pk",
                    ExpressionAttributeValues = new() { [":pk"] = new() { S = table == "session" ? $"anna#{client.Tenant}" : client.Pk } },
                    ConsistentRead = true,
                },
                TestContext.Current.CancellationToken);
            remains.AddRange(page.Items.Where(IsOfKey).Select(item => $"{table}: {item["sk"].S}"));
        }

        if (await stack.Postgres.RowAsync(client.IdOf(sk)) is { } row)
        {
            remains.Add($"products: {row["id"]}");
        }

        return string.Join(", ", remains);

        bool IsOfKey(Dictionary<string, AttributeValue> item) =>
            item["sk"].S == sk
            || item["sk"].S.StartsWith($"{sk}@", StringComparison.Ordinal)
            || item["sk"].S == $"product#{client.IdOf(sk)}"
            || (item.TryGetValue("id", out var id) && id.S == client.IdOf(sk))
            || (item.TryGetValue("commandSk", out var command) && command.S.StartsWith($"{sk}@", StringComparison.Ordinal));
    }
}
