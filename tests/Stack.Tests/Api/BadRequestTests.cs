using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace StackTests.Api;

/// <summary>What a caller can do wrong is answered with what is wrong, by field. Conformance 43, 44.</summary>
public sealed class BadRequestTests(Stack stack)
{
    [Theory]
    [InlineData("", "$")]
    [InlineData("{", "$")]
    [InlineData("""{"name":"x",}""", "$")]
    [InlineData("""{"name":"x"} more""", "$")]
    [InlineData("""{'name':'x'}""", "$")]
    [InlineData("null", "$")]
    [InlineData("[]", "$")]
    [InlineData("\"text\"", "$")]
    [InlineData("1", "$")]
    [InlineData("{}", "name")]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":1}""", "name")]
    [InlineData("""{"name":["x"]}""", "name")]
    [InlineData("""{"Name":"x"}""", "name")]
    [InlineData("""{"name":"x","code":""}""", "code")]
    [InlineData("""{"name":"x","code":7}""", "code")]
    [InlineData("""{"name":"x","code":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}""", "code")]
    [InlineData("""{"name":"x","seq":1.5}""", "seq")]
    [InlineData("""{"name":"x","seq":"1"}""", "seq")]
    [InlineData("""{"name":"x","seq":9223372036854775808}""", "seq")]
    [InlineData("""{"name":"x","ttl":-1}""", "ttl")]
    [InlineData("""{"name":"x","ttl":"soon"}""", "ttl")]
    [InlineData("""{"name":"x","ttl":1767225600000}""", "ttl")]
    [InlineData("""{"name":"x","ttl":253402300800}""", "ttl")]
    [InlineData("""{"name":"x","isDeleted":"yes"}""", "isDeleted")]
    [InlineData("""{"name":"x","isDeleted":1}""", "isDeleted")]
    [InlineData("""{"name":"x","attributes":[]}""", "attributes")]
    [InlineData("""{"name":"x","attributes":"none"}""", "attributes")]
    [InlineData("""{"name":"x","attributes":{"price":"1"}}""", "attributes.price")]
    [InlineData("""{"name":"x","attributes":{"price":true}}""", "attributes.price")]
    [InlineData("""{"name":"x","attributes":{"price":1e400}}""", "attributes.price")]
    [InlineData("""{"name":"x","attributes":{"price":0.12345678901234567890123456789}}""", "attributes.price")]
    [InlineData("""{"name":"x","attributes":{"category":5}}""", "attributes.category")]
    [InlineData("""{"name":"x","attributes":{"description":{}}}""", "attributes.description")]
    [InlineData("""{"name":"x","attributes":{"specification":"big"}}""", "attributes.specification")]
    [InlineData("""{"name":"x","attributes":{"specification":{"weight":3}}}""", "attributes.specification.weight")]
    [InlineData("""{"name":"x\u0000y"}""", "name")]
    [InlineData("""{"name":"x","code":"a\u0000b"}""", "code")]
    [InlineData("""{"name":"x","attributes":{"description":"a\u0000b"}}""", "attributes.description")]
    [InlineData("""{"name":"x","attributes":{"specification":{"dimensions":"\u0000"}}}""", "attributes.specification.dimensions")]
    public async Task A_body_that_cannot_be_taken_is_answered_with_the_field(string body, string field)
    {
        var client = await stack.ClientAsync();

        foreach (var versioned in AtEveryVersion(body))
        {
            (await client.PostAsync(versioned)).NamesField(field);
        }

        Assert.Empty((await client.ListAsync("?includeDeleted=true")).Items);
    }

    [Theory]
    [InlineData("""{"name":"x","version":-2}""", "version", "invalid-version")]
    [InlineData("""{"name":"x","version":"1"}""", "version", "invalid-version")]
    [InlineData("""{"name":"x","version":1.5}""", "version", "invalid-version")]
    [InlineData("""{"name":"x","version":9223372036854775808}""", "version", "invalid-version")]
    [InlineData("""{"name":"x","sk":""}""", "sk", "invalid-key")]
    [InlineData("""{"name":"x","sk":"a@b"}""", "sk", "invalid-key")]
    [InlineData("""{"name":"x","sk":"."}""", "sk", "invalid-key")]
    [InlineData("""{"name":"x","sk":".."}""", "sk", "invalid-key")]
    [InlineData("""{"name":"x","sk":"a\nb"}""", "sk", "invalid-key")]
    [InlineData("""{"name":"x","sk":"a\u0000b"}""", "sk", "invalid-key")]
    [InlineData("""{"name":"x","sk":5}""", "sk", "invalid-key")]
    [InlineData("""{"name":"x","pk":"PRODUCT"}""", "pk", "invalid-key")]
    [InlineData("""{"name":"x","pk":"ORDER#{tenant}"}""", "pk", "invalid-key")]
    [InlineData("""{"name":"x","sk":"a","id":"PRODUCT#{tenant}#b"}""", "id", "invalid-key")]
    [InlineData("""{"name":"x","type":"ORDER"}""", "type", "validation")]
    [InlineData("""{"name":"x","tenantCode":"NOT A TENANT"}""", "tenantCode", "validation")]
    public async Task A_key_or_version_that_cannot_be_taken_has_a_code_of_its_own(string body, string field, string code)
    {
        var client = await stack.ClientAsync();
        var bodies = AtEveryVersion(body.Replace("{tenant}", client.Tenant)).ToList();

        foreach (var versioned in bodies)
        {
            (await client.PostAsync(versioned)).NamesField(field, code);
        }

        var answer = await client.BulkAsync($$"""[{{string.Join(',', bodies)}},{"name":"good"}]""");
        Assert.Equal([.. bodies.Select(_ => 400), 201], answer.Is(HttpStatusCode.MultiStatus).Json.AsArray().Select(e => e!["status"]!.GetValue<int>()));
    }

    [Fact]
    public async Task What_is_too_long_is_refused_before_the_version_is_judged()
    {
        var client = await stack.ClientAsync();

        foreach (var version in new[] { 0, -1, 1, 99 })
        {
            (await client.PostAsync(new { sk = new string('k', 513), name = "x", version })).NamesField("sk", "invalid-key");
            (await client.PostAsync(new { sk = "a", name = new string('n', 501), version })).NamesField("name");
            (await client.PostAsync(new { sk = "a", name = "x", code = new string('c', 513), version })).NamesField("code");
            (await client.PostAsync(new { sk = "a", name = "x", version, attributes = new { category = new string('c', 201) } })).NamesField("attributes.category");
        }
    }

    [Fact]
    public async Task A_key_with_a_version_in_it_tells_nothing_of_the_product_before_it()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(new { sk = "a", name = "Secret" });

        foreach (var version in new[] { 0, -1, 1, 2, 99 })
        {
            var answer = (await client.PostAsync(new { sk = "a@1", name = "x", version })).NamesField("sk", "invalid-key");
            Assert.Null(answer.At("currentVersion"));
        }

        Assert.Single((await client.HistoryAsync("a")).Items);
    }

    // What is wrong whatever is stored is told whatever the version.
    private static IEnumerable<string> AtEveryVersion(string body) =>
        body.StartsWith('{') && body.EndsWith('}') && !body.Contains("\"version\"", StringComparison.Ordinal)
            ? new[] { 0, -1, 1, 99 }.Select(version => $"{body[..^1]}{(body == "{}" ? "" : ",")}\"version\":{version}}}").Prepend(body)
            : [body];

    [Theory]
    [InlineData("""{"name":"x","name":"y"}""")]
    [InlineData("""{"name":"x","attributes":{"price":1,"price":2}}""")]
    [InlineData("""{"name":"x","unknown":1,"unknown":1}""")]
    [InlineData("""{"name":"x","attributes":{"unknown":1,"unknown":2}}""")]
    [InlineData("""{"name":"x","unknown":[1,{"a":{"b":1,"b":2}}]}""")]
    [InlineData("""{"name":"x","unknown":{"b":1,"\u0062":2}}""")]
    public async Task A_name_that_stands_twice_is_not_guessed_at(string body)
    {
        var client = await stack.ClientAsync();

        (await client.PostAsync(body)).IsProblem(HttpStatusCode.BadRequest, "validation");
        (await client.PatchAsync("any", body, ("If-Match", "*"))).IsProblem(HttpStatusCode.BadRequest, "validation");
        var answer = await client.BulkAsync($$"""[{{body}},{"name":"good","sk":"good"}]""");

        Assert.Equal([400, 201], answer.Is(HttpStatusCode.MultiStatus).Json.AsArray().Select(element => element!["status"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("""{"name":"\ud800"}""")]
    [InlineData("""{"name":"\udc00x"}""")]
    [InlineData("""{"name":"x","attributes":{"description":"\ud83e"}}""")]
    [InlineData("""{"name":"x","code":"\ud83e"}""")]
    [InlineData("""{"name":"x","sk":"\ud83e"}""")]
    [InlineData("""{"name":"x","tenantCode":"\ud83e"}""")]
    [InlineData("""{"\ud83e":1,"name":"x"}""")]
    public async Task Half_a_character_is_refused(string body)
    {
        var client = await stack.ClientAsync();

        Assert.NotEmpty((await client.PostAsync(body)).Is(HttpStatusCode.BadRequest).Fields);
        var answer = await client.BulkAsync($$"""[{{body}},{"name":"good","sk":"good"}]""");

        Assert.Equal(HttpStatusCode.MultiStatus, answer.Status);
        Assert.Equal([400, 201], answer.Json.AsArray().Select(element => element!["status"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("{\"name\":\"", "\"}")]
    [InlineData("{\"name\":\"x\",\"", "\":1}")]
    [InlineData("{\"name\":\"x\",\"unknown\":[\"", "\"]}")]
    public async Task Bytes_that_are_not_UTF8_are_refused_wherever_they_stand(string before, string after)
    {
        var client = await stack.ClientAsync();
        byte[] body = [.. Encoding.UTF8.GetBytes(before), 0xc3, 0x28, .. Encoding.UTF8.GetBytes(after)];

        (await client.PostAsync(body)).IsProblem(HttpStatusCode.BadRequest, "validation");
        (await client.PatchAsync("one", body, ("If-Match", "*"))).IsProblem(HttpStatusCode.BadRequest, "validation");
        (await client.PostAsync("""{"name":"x","\ud800":1}""")).IsProblem(HttpStatusCode.BadRequest, "validation");
    }

    [Fact]
    public async Task Deep_nesting_is_refused()
    {
        var client = await stack.ClientAsync();
        var deep = $$"""{"name":"x","attributes":{{string.Concat(Enumerable.Repeat("""{"a":""", 5000))}}1{{new string('}', 5000)}}}""";
        var hidden = $$"""{"name":"x","unknown":{{new string('[', 200)}}{{new string(']', 200)}}}""";

        (await client.PostAsync(deep)).IsProblem(HttpStatusCode.BadRequest, "validation");
        (await client.PostAsync(hidden)).IsProblem(HttpStatusCode.BadRequest, "validation");
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        var client = await stack.ClientAsync();

        // The server does not wait for the end of such a body; a client that has not begun to send it is sure to read the answer.
        (await client.PostAsync(new { name = "x", attributes = new { description = new string('x', 2 * 1024 * 1024) } }, "", ("Expect", "100-continue")))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge, "too-large");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_body_that_is_not_JSON_is_refused(string contentType)
    {
        var client = await stack.ClientAsync();

        (await client.PostAsync("""{"name":"x"}""", "", ("Content-Type", contentType)))
            .IsProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
    }

    // Conformance 43: nothing that the contract does not know gets into the store.
    [Fact]
    public async Task Unknown_members_do_not_reach_the_store()
    {
        var client = await stack.ClientAsync();
        const string Body = """
            {"sk":"a","name":"x","syncMode":"SYNC","status":"FINISHED","writeId":"w","failedReason":"f","createdBy":"root","updatedBy":"root",
            "source":"s","cpk":"c","csk":"c","requestId":"r","attributes":{"price":1,"hidden":true,"specification":{"secret":1,"weight":"2"}}}
            """;

        var posted = (await client.PostAsync(Body)).Is(HttpStatusCode.Created);
        var patched = (await client.PatchAsync("a", Body.Replace("\"x\"", "\"y\""), ("If-Match", "*"))).Is(HttpStatusCode.OK);

        foreach (var answer in new[] { posted, patched })
        {
            Assert.Equal("anna", answer.At("createdBy")!.GetValue<string>());
            Assert.Equal("anna", answer.At("updatedBy")!.GetValue<string>());
            Assert.NotEqual("r", answer.At("requestId")!.GetValue<string>());
            Assert.True(
                JsonNode.DeepEquals(JsonNode.Parse("""{"price":1,"specification":{"weight":"2"}}"""), answer.At("attributes")), answer.ToString());
        }
    }
}
