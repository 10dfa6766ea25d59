using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

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

    // Conformance 17.
    [Theory]
    [InlineData("#")]
    [InlineData("a/b")]
    [InlineData("%41")]
    [InlineData("%2F")]
    [InlineData(" a b ")]
    [InlineData("...")]
    [InlineData("a+b?c&d=e;f,g'h\"i\\j")]
    [InlineData("Stuhl-äöü-椅子-🪑")]
    [InlineData("PRODUCT#x#y")]
    public async Task A_sort_key_with_any_visible_character_works_in_every_path(string sk)
    {
        var client = await stack.ClientAsync(role: "admin");
        var created = (await client.PostAsync(new { sk, name = "Odd" }, "?mode=sync")).Is(HttpStatusCode.Created);

        Assert.Equal(sk, (await client.SendAsync(HttpMethod.Get, created.Response.Headers.Location!.OriginalString)).Is(HttpStatusCode.OK).Sk);
        Assert.Equal(sk, (await client.GetAsync(sk)).Is(HttpStatusCode.OK).Sk);
        Assert.Equal(sk, Assert.Single((await client.SearchAsync($"?sk={Uri.EscapeDataString(sk)}")).Items)!["sk"]!.GetValue<string>());
        Assert.Equal(sk, Assert.Single((await client.SearchAsync($"?id={Uri.EscapeDataString(client.IdOf(sk))}")).Items)!["sk"]!.GetValue<string>());
        Assert.Equal(2, (await client.PatchAsync(sk, new { name = "Changed" }, ("If-Match", "\"1\""))).Is(HttpStatusCode.OK).Version);
        Assert.Equal(2, (await client.HistoryAsync(sk)).Is(HttpStatusCode.OK).Items.Count);
        Assert.Equal("Odd", (await client.HistoryAsync(sk, "/1")).Is(HttpStatusCode.OK).At("name")!.GetValue<string>());
        (await client.CommandAsync(sk, 2, 10)).Is(HttpStatusCode.OK);
        Assert.Equal(3, (await client.DeleteAsync(sk)).Is(HttpStatusCode.OK).Version);
        (await client.ActAsync(sk, "purge")).Is(HttpStatusCode.Accepted);
        // The worker may be applying what it read before.
        await Eventually.IsTrueAsync("the product is gone", async () => (await client.GetAsync(sk)).Status == HttpStatusCode.NotFound);
    }

    // Conformance 19: JSON to DynamoDB to Postgres and back, each on its own way.
    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1e-9")]
    [InlineData("12345678901234567890.123")]
    [InlineData("-0.1234567890123456789012345678")]
    [InlineData("9999999999999999999999999999")]
    [InlineData("1e28")]
    [InlineData("19.90")]
    public async Task A_price_keeps_its_exact_value_on_every_way(string price)
    {
        var client = await stack.ClientAsync();
        var other = await stack.ClientAsync(client.Tenant, "ben");
        var expected = Exact(price);

        var posted = (await client.PostAsync($$$"""{"sk":"chair","name":"Chair","attributes":{"price":{{{price}}}}}""", "?mode=sync")).Is(HttpStatusCode.Created);
        var query = $"?minPrice={Uri.EscapeDataString(price)}&maxPrice={Uri.EscapeDataString(price)}";

        Assert.Equal(expected, PriceOf(posted.Json));
        Assert.Equal(expected, PriceOf((await other.GetAsync("chair")).Json));
        Assert.Equal(expected, PriceOf((await other.HistoryAsync("chair", "/1")).Json));
        Assert.Equal(expected, PriceOf(Assert.Single((await other.ListAsync()).Items)!));
        Assert.Equal(expected, PriceOf(Assert.Single((await other.SearchAsync(query)).Items)!));
        Assert.Equal(expected, Exact((await stack.Postgres.RowAsync(client.IdOf("chair")))!["price"]!.ToJsonString()));
        (await client.PostAsync($$$"""{"sk":"chair","name":"Chair","version":1,"attributes":{"price":{{{price}}}}}""")).Is(HttpStatusCode.NoContent);

        static decimal Exact(string number) => decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        static decimal PriceOf(JsonNode entity) => Exact(entity["attributes"]!["price"]!.ToJsonString());
    }

    // Conformance 19.
    [Theory]
    [InlineData("")]
    [InlineData(" \t\n ")]
    [InlineData("🪑🏽 e\u0301 \u200f\u202e كرسي 椅子")]
    [InlineData("\"quotes\" \\ / <b>&amp;</b> \u2028 \u0001")]
    public async Task Texts_are_kept_exactly_as_they_were_sent(string text)
    {
        var client = await stack.ClientAsync();
        var other = await stack.ClientAsync(client.Tenant, "ben");
        var body = new { sk = "chair", name = $"x{text}", attributes = new { category = text, description = text, specification = new { weight = text } } };

        (await client.PostAsync(body, "?mode=sync")).Is(HttpStatusCode.Created);

        foreach (var entity in new[] { (await other.GetAsync("chair")).Json, Assert.Single((await other.SearchAsync()).Items)! })
        {
            Assert.Equal($"x{text}", entity["name"]!.GetValue<string>());
            Assert.Equal(
                [text, text, text],
                new[] { entity["attributes"]!["category"], entity["attributes"]!["description"], entity["attributes"]!["specification"]!["weight"] }
                    .Select(node => node!.GetValue<string>()));
        }
    }

    // Conformance 18.
    [Fact]
    public async Task A_product_that_is_too_large_for_an_item_is_refused_and_a_large_one_arrives()
    {
        var client = await stack.ClientAsync();

        (await client.PostAsync(new { sk = "huge", name = "Huge", attributes = new { description = new string('x', 400_000) } }))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge, "too-large");
        (await client.PostAsync(new { sk = "large", name = "Large", attributes = new { description = new string('x', 380_000) } }))
            .Is(HttpStatusCode.Created);

        Assert.Equal(380_000, (await stack.Postgres.RowAsync(client.IdOf("large"), 1))["description"]!.GetValue<string>().Length);
        (await client.GetAsync("huge")).IsProblem(HttpStatusCode.NotFound, "not-found");
    }

    // Every character takes two bytes in the item, and six in the body.
    [Fact]
    public async Task A_product_that_fits_an_item_fits_a_body_too_when_its_text_is_escaped()
    {
        var client = await stack.ClientAsync();
        var body = new string('é', 185_000);
        var json = JsonSerializer.Serialize(new { sk = "large", name = "Large", attributes = new { description = body } });
        Assert.True(json.Length > 1024 * 1024);

        (await client.PostAsync(json)).Is(HttpStatusCode.Created);
        (await client.PatchAsync("large", json.Replace("Large", "Larger"), ("If-Match", "\"1\""))).Is(HttpStatusCode.OK);
        Assert.Equal(body, (await client.GetAsync("large")).At("attributes", "description")!.GetValue<string>());
    }

    [Fact]
    public async Task A_product_may_expire_at_the_end_of_the_year_9999()
    {
        var client = await stack.ClientAsync();

        (await client.PostAsync(new { sk = "stone", name = "Stone", ttl = 253402300799 }, "?mode=sync")).Is(HttpStatusCode.Created);

        Assert.Equal(253402300799, Assert.Single((await client.SearchAsync()).Items)!["ttl"]!.GetValue<long>());
    }

    // Conformance 20.
    [Fact]
    public async Task An_expired_product_is_gone_for_every_reader_at_once_and_can_be_revived()
    {
        var client = await stack.ClientAsync();
        var other = await stack.ClientAsync(client.Tenant, "ben");
        var ttl = DateTimeOffset.UtcNow.AddSeconds(8).ToUnixTimeSeconds();
        (await client.PostAsync(new { sk = "milk", code = "M-1", name = "Milk", ttl }, "?mode=sync")).Is(HttpStatusCode.Created);
        (await client.PostAsync(new { sk = "salt", name = "Salt" }, "?mode=sync")).Is(HttpStatusCode.Created);
        Assert.Equal(ttl, (await other.GetAsync("milk")).Is(HttpStatusCode.OK).At("ttl")!.GetValue<long>());
        Assert.Equal(2, (await other.SearchAsync()).Total);
        Assert.Equal(2, (await other.ListAsync()).Items.Count);

        await Eventually.IsTrueAsync(
            "the product expires", async () => (await other.GetAsync("milk")).Status == HttpStatusCode.NotFound);

        foreach (var user in new[] { client, other })
        {
            (await user.GetAsync("milk")).IsProblem(HttpStatusCode.NotFound, "not-found");
            Assert.Equal(["salt"], (await user.ListAsync()).Items.Select(item => item!["sk"]!.GetValue<string>()));
            var found = await user.SearchAsync();
            Assert.Equal(1, found.Total);
            Assert.Equal(["salt"], found.Items.Select(item => item!["sk"]!.GetValue<string>()));
        }

        // The sweep of the worker takes the row down; the code stays reserved, and the log goes on.
        await Eventually.IsTrueAsync(
            "the worker takes the row down", async () => await stack.Postgres.RowAsync(client.IdOf("milk")) is null, TimeSpan.FromSeconds(30));
        Assert.Equal("FINISHED", (await client.CommandAsync("milk", 1)).Is(HttpStatusCode.OK).At("status")!.GetValue<string>());
        (await client.PostAsync(new { sk = "milk", name = "Milk" })).IsProblem(HttpStatusCode.Conflict, "version-conflict");
        (await client.PostAsync(new { sk = "oat", code = "M-1", name = "Oat milk" })).IsProblem(HttpStatusCode.Conflict, "code-taken");
        var revived = (await client.PostAsync(new { sk = "milk", name = "Milk", version = -1 })).Is(HttpStatusCode.OK);
        Assert.Equal((2, "M-1", null), (revived.Version, revived.At("code")!.GetValue<string>(), revived.At("ttl")));
        Assert.Null((await stack.Postgres.RowAsync(client.IdOf("milk"), 2))["expires_at"]);
    }

    [Fact]
    public async Task The_same_idempotency_key_gets_the_first_answer()
    {
        var client = await stack.ClientAsync();
        var body = new { name = "Chair", code = "C-1", attributes = new { price = 1 } };

        var first = (await client.PostAsync(body, "", ("Idempotency-Key", "key-1"))).Is(HttpStatusCode.Created);
        (await client.PostAsync(new { first.Sk, name = "Changed since", version = 1 })).Is(HttpStatusCode.OK);
        var again = (await client.PostAsync(body, "", ("Idempotency-Key", "key-1"))).Is(HttpStatusCode.Created);

        Assert.True(JsonNode.DeepEquals(first.Json, again.Json), $"{first}\n{again}");
        Assert.Equal(first.Response.Headers.Location, again.Response.Headers.Location);
        Assert.Single((await client.ListAsync()).Items);
        (await client.PostAsync(new { name = "Another" }, "", ("Idempotency-Key", "key-1"))).IsProblem(HttpStatusCode.UnprocessableEntity, "idempotency-mismatch");
        Assert.Single((await client.ListAsync()).Items);
    }

    [Fact]
    public async Task An_idempotency_key_is_the_users_own()
    {
        var anna = await stack.ClientAsync();
        var ben = await stack.ClientAsync(anna.Tenant, "ben");

        var first = (await anna.PostAsync(new { name = "Chair" }, "", ("Idempotency-Key", "key-1"))).Is(HttpStatusCode.Created);
        var second = (await ben.PostAsync(new { name = "Chair" }, "", ("Idempotency-Key", "key-1"))).Is(HttpStatusCode.Created);

        Assert.NotEqual(first.Sk, second.Sk);
    }

    [Fact]
    public async Task Requests_with_one_idempotency_key_at_once_make_one_product()
    {
        var client = await stack.ClientAsync();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => client.PostAsync(new { name = "Chair" }, "", ("Idempotency-Key", "key-1"))));

        Assert.Single(answers.Select(answer => answer.Is(HttpStatusCode.Created).Sk).Distinct());
        Assert.Single((await client.ListAsync()).Items);
    }

    [Fact]
    public async Task A_bulk_request_that_is_repeated_with_its_idempotency_key_makes_nothing_twice()
    {
        var client = await stack.ClientAsync();
        var body = new object[] { new { name = "1" }, new { name = "" }, new { name = "2", code = "C-2" } };

        var first = (await client.BulkAsync(body, ("Idempotency-Key", "bulk-1"))).Is(HttpStatusCode.MultiStatus);
        var again = (await client.BulkAsync(body, ("Idempotency-Key", "bulk-1"))).Is(HttpStatusCode.MultiStatus);

        Assert.Equal([201, 400, 201], first.Json.AsArray().Select(element => element!["status"]!.GetValue<int>()));
        Assert.True(JsonNode.DeepEquals(first.Json[0], again.Json[0]) && JsonNode.DeepEquals(first.Json[2], again.Json[2]), $"{first}\n{again}");
        Assert.Equal(2, (await client.ListAsync()).Items.Count);
    }

    [Fact]
    public async Task A_thousand_elements_are_published_in_one_request_and_answered_in_their_order()
    {
        var client = await stack.ClientAsync();

        var answer = (await client.BulkAsync(Enumerable.Range(0, 1000).Select(i => new { sk = $"s{i:000}", name = $"Name {i}" }))).Is(HttpStatusCode.OK);

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"s{i:000}"), answer.Json.AsArray().Select(e => e!["data"]!["sk"]!.GetValue<string>()));
        await Eventually.GetAsync("all rows are in Postgres", () => stack.Postgres.CountAsync(client.Tenant), count => count == 1000);
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
