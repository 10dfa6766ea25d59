using System.Net;
using System.Text.Json;

namespace StackTests.Api;

/// <summary>POST: creating and updating by version, over HTTP.</summary>
public sealed class PostTests(Stack stack)
{
    [Fact]
    public async Task A_product_is_created_updated_and_left_alone_by_the_version_that_the_caller_has_seen()
    {
        var client = await stack.ClientAsync();

        var created = (await client.PostAsync(new { sk = "chair", name = "Chair" })).Is(HttpStatusCode.Created);
        var updated = (await client.PostAsync(new { sk = "chair", name = "Stool", version = 1 })).Is(HttpStatusCode.OK);
        var unchanged = (await client.PostAsync(new { sk = "chair", name = "Stool", version = 2 })).Is(HttpStatusCode.NoContent);
        var newest = (await client.PostAsync(new { sk = "chair", name = "Bench", version = -1 })).Is(HttpStatusCode.OK);

        Assert.Equal((1, 2, 3), (created.Version, updated.Version, newest.Version));
        Assert.Equal(("\"1\"", "\"2\"", "\"2\"", "\"3\""), (created.ETag, updated.ETag, unchanged.ETag, newest.ETag));
        Assert.Equal("", unchanged.Text);
        foreach (var answer in new[] { created, updated, unchanged, newest })
        {
            Assert.Equal(client.PathOf("chair"), answer.Response.Headers.Location!.OriginalString);
        }
    }

    [Fact]
    public async Task A_version_that_is_not_the_newest_is_a_conflict_that_tells_the_newest()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(new { sk = "chair", name = "1" });
        await client.PostAsync(new { sk = "chair", name = "2", version = 1 });

        foreach (var version in new[] { 0, 1, 3, 99 })
        {
            var conflict = (await client.PostAsync(new { sk = "chair", name = "x", version })).IsProblem(HttpStatusCode.Conflict, "version-conflict");
            Assert.Equal(2, conflict.At("currentVersion")!.GetValue<long>());
        }

        Assert.Equal(
            0, (await client.PostAsync(new { sk = "none", name = "x", version = 1 })).IsProblem(HttpStatusCode.Conflict, "version-conflict").At("currentVersion")!.GetValue<long>());
        Assert.Equal(2, (await client.HistoryAsync("chair")).Items.Count);
    }

    // Conformance 16.
    [Fact]
    public async Task A_code_is_given_once_in_a_tenant()
    {
        var client = await stack.ClientAsync();
        var other = await stack.ClientAsync();
        (await client.PostAsync(new { name = "Chair", code = "C-1" })).Is(HttpStatusCode.Created);

        (await client.PostAsync(new { name = "Table", code = "C-1" })).IsProblem(HttpStatusCode.Conflict, "code-taken");
        (await other.PostAsync(new { name = "Table", code = "C-1" })).Is(HttpStatusCode.Created);
    }

    // Conformance 12: what answers 201 or 200 is in every read model, read here without the API in between.
    [Fact]
    public async Task A_synchronous_post_is_in_Postgres_when_it_is_answered()
    {
        var client = await stack.ClientAsync();
        var other = await stack.ClientAsync(client.Tenant, "ben");
        for (var version = 0; version < 10; version++)
        {
            var answer = await client.PostAsync(new { sk = "chair", name = $"Name {version}", version }, "?mode=sync");

            answer.Is(version == 0 ? HttpStatusCode.Created : HttpStatusCode.OK);
            Assert.Equal(version + 1, ReadModel.VersionOf(await stack.Postgres.RowAsync(client.IdOf("chair"))));
            Assert.Equal($"Name {version}", Assert.Single((await other.SearchAsync()).Items)!["name"]!.GetValue<string>());
            Assert.Equal($"Name {version}", Assert.Single((await other.ListAsync()).Items)!["name"]!.GetValue<string>());
            Assert.Equal(version + 1, (await other.GetAsync("chair")).Version);
        }
    }

    [Fact]
    public async Task Synchronous_and_asynchronous_posts_make_one_row_of_versions()
    {
        var client = await stack.ClientAsync();
        for (var version = 0; version < 9; version++)
        {
            (await client.PostAsync(new { sk = "chair", name = $"Name {version}", version }, version % 2 == 0 ? "?mode=sync" : "?mode=async"))
                .Is(version == 0 ? HttpStatusCode.Created : HttpStatusCode.OK);
        }

        Assert.Equal("Name 8", (await stack.Postgres.RowAsync(client.IdOf("chair"), 9))["name"]!.GetValue<string>());
        Assert.Equal(
            Enumerable.Range(1, 9).Reverse().Select(v => (long)v), (await client.HistoryAsync("chair")).Items.Select(i => i!["version"]!.GetValue<long>()));
    }

    [Fact]
    public async Task An_entity_that_was_read_can_be_posted_back_as_it_is()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(new
        {
            sk = "chair", code = "C-1", name = "Chair", seq = 3, ttl = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
            attributes = new { category = "F", price = 1.50m, description = "", specification = new { weight = "1 kg" } },
        });
        var read = (await client.GetAsync("chair")).Is(HttpStatusCode.OK).Json.AsObject();

        (await client.PostAsync(read.ToJsonString())).Is(HttpStatusCode.NoContent);
        read["name"] = "Stool";
        Assert.Equal(2, (await client.PostAsync(read.ToJsonString())).Is(HttpStatusCode.OK).Version);
    }

    // Conformance 15.
    [Fact]
    public async Task Who_made_and_changed_a_product_is_told_with_request_and_source()
    {
        var anna = await stack.ClientAsync();
        var ben = await stack.ClientAsync(anna.Tenant, "ben");

        var created = await anna.PostAsync(new { sk = "chair", name = "Chair" }, "", ("x-request-id", "request-of-anna"));
        var updated = await ben.PostAsync(new { sk = "chair", name = "Stool", version = 1 }, "", ("x-request-id", "request-of-ben"));

        Assert.Equal(("anna", "anna"), By(created));
        Assert.Equal(("anna", "ben"), By(updated));
        Assert.Equal("request-of-ben", updated.At("requestId")!.GetValue<string>());
        Assert.Equal(created.At("createdAt")!.GetValue<string>(), updated.At("createdAt")!.GetValue<string>());
        Assert.Matches(@"^\[product\]:\w+\.\w+$", updated.At("source")!.GetValue<string>());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", updated.At("updatedAt")!.GetValue<string>());
        Assert.Contains(updated.At("updatedIp")!.GetValue<string>(), new[] { "127.0.0.1", "::1" });

        static (string, string) By(Answer answer) =>
            (answer.At("createdBy")!.GetValue<string>(), answer.At("updatedBy")!.GetValue<string>());
    }

    [Fact]
    public async Task Absent_and_null_are_the_same()
    {
        var client = await stack.ClientAsync();
        const string Body = """{"sk":"a","name":"x","code":null,"version":null,"seq":null,"ttl":null,"isDeleted":null,"attributes":null,"pk":null}""";

        var created = (await client.PostAsync(Body)).Is(HttpStatusCode.Created);

        Assert.Equal(("a", JsonValueKind.False), (created.At("code")!.GetValue<string>(), created.At("isDeleted")!.GetValueKind()));
        (await client.PostAsync("""{"sk":"a","name":"x","version":1,"attributes":{"price":null,"specification":{}}}""")).Is(HttpStatusCode.OK);
        (await client.PostAsync("""{"sk":"a","name":"x","version":2,"attributes":{"specification":{"weight":null}}}""")).Is(HttpStatusCode.NoContent);
    }
}
