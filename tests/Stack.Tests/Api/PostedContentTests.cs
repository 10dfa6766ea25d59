using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StackTests.Api;

/// <summary>What was posted is what every store and every answer has, to the last digit. Conformance 17 to 20.</summary>
public sealed class PostedContentTests(Stack stack)
{
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
}
