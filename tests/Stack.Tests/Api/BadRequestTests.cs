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

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?limit=-1", "limit")]
    [InlineData("?limit=ten", "limit")]
    [InlineData("?limit=1.0", "limit")]
    [InlineData("?limit=99999999999", "limit")]
    [InlineData("?limit=1&limit=2", "limit")]
    [InlineData("?order=up", "order")]
    [InlineData("?includeDeleted=1", "includeDeleted")]
    [InlineData("?startFromSk=a@1", "startFromSk")]
    [InlineData("?startfromsk=a", "startfromsk")]
    [InlineData("?nonsense=1", "nonsense")]
    public async Task A_list_takes_no_parameter_it_does_not_understand(string query, string field)
    {
        var client = await stack.ClientAsync();

        Assert.Contains(field, (await client.ListAsync(query)).Is(HttpStatusCode.BadRequest).Fields);
    }

    [Theory]
    [InlineData("?page=0", "page")]
    [InlineData("?page=-1", "page")]
    [InlineData("?page=x", "page")]
    [InlineData("?pageSize=0", "pageSize")]
    [InlineData("?pageSize=1001", "pageSize")]
    [InlineData("?minPrice=cheap", "minPrice")]
    [InlineData("?minPrice=1,5", "minPrice")]
    [InlineData("?maxPrice=1e400", "maxPrice")]
    [InlineData("?maxPrice=NaN", "maxPrice")]
    [InlineData("?includeDeleted=maybe", "includeDeleted")]
    [InlineData("?orderBys=color", "orderBys")]
    [InlineData("?orderBys=name:sideways", "orderBys")]
    [InlineData("?orderBys=name:asc:desc", "orderBys")]
    [InlineData("?orderBys=createdAt;drop%20table%20products", "orderBys")]
    [InlineData("?orderBys=--name", "orderBys")]
    [InlineData("?keyword=a%00b", "keyword")]
    [InlineData("?keyword=a&keyword=b", "keyword")]
    [InlineData("?sort=name", "sort")]
    public async Task A_search_takes_no_parameter_it_does_not_understand(string query, string field)
    {
        var client = await stack.ClientAsync();

        (await client.SearchAsync(query)).NamesField(field);
    }

    [Theory]
    [InlineData("?mode=fast", "mode")]
    [InlineData("?mode=sync&mode=sync", "mode")]
    [InlineData("?dryRun=true", "dryRun")]
    public async Task A_post_takes_no_parameter_it_does_not_understand(string query, string field)
    {
        var client = await stack.ClientAsync();

        (await client.PostAsync(new { name = "x" }, query)).NamesField(field);
        Assert.Empty((await client.ListAsync()).Items);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    public async Task A_bulk_request_is_an_array_with_something_in_it(string body)
    {
        var client = await stack.ClientAsync();

        (await client.BulkAsync(body)).NamesField("$");
    }

    [Fact]
    public async Task A_bulk_request_has_at_most_a_thousand_elements()
    {
        var client = await stack.ClientAsync();

        (await client.BulkAsync($"[{string.Join(",", Enumerable.Repeat("""{"name":"x"}""", 1001))}]")).NamesField("$");
    }

    [Fact]
    public async Task A_bad_element_of_a_bulk_request_does_not_hide_the_fate_of_the_others()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(new { name = "There", sk = "there" });

        var answer = await client.BulkAsync("""
            [{"name":"New","sk":"new"},{"name":""},7,{"name":"Again","sk":"there"},{"name":"Other","pk":"PRODUCT#other"},{"name":"x","ttl":"y"},
            {"name":"There","sk":"there","version":1},{"name":"Changed","sk":"there","version":1},{"name":"Last"}]
            """);

        answer.Is(HttpStatusCode.MultiStatus);
        var results = answer.Json.AsArray();
        Assert.Equal([201, 400, 400, 409, 403, 400, 204, 200, 201], results.Select(result => result!["status"]!.GetValue<int>()));
        Assert.Equal("New", results[0]!["data"]!["name"]!.GetValue<string>());
        Assert.Equal("name", results[1]!["error"]!["errors"]!.AsObject().Single().Key);
        Assert.Equal(1, results[3]!["error"]!["currentVersion"]!.GetValue<long>());
        Assert.Equal("tenant-mismatch", results[4]!["error"]!["code"]!.GetValue<string>());
        Assert.Equal("ttl", results[5]!["error"]!["errors"]!.AsObject().Single().Key);
        Assert.Equal(2, results[7]!["data"]!["version"]!.GetValue<long>());
        Assert.All(results, result => Assert.NotEqual(result!["data"] is null, result["error"] is null));
    }

    [Fact]
    public async Task Bulk_elements_of_one_product_are_published_in_their_order()
    {
        var client = await stack.ClientAsync();
        var elements = Enumerable.Range(0, 20).Select(i => new { sk = "one", name = $"Name {i}", version = i });

        var answer = (await client.BulkAsync(elements)).Is(HttpStatusCode.OK);

        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), answer.Json.AsArray().Select(r => r!["data"]!["version"]!.GetValue<long>()));
    }

    // Conformance 44.
    [Theory]
    [InlineData("%", "50% off")]
    [InlineData("_", "snake_case")]
    [InlineData("\\", "back\\slash")]
    [InlineData("'", "O'Neill")]
    [InlineData("'; DROP TABLE products; --", "'; DROP TABLE products; --")]
    [InlineData("\"", "17\" screen")]
    public async Task Keywords_are_data_and_not_syntax(string keyword, string name)
    {
        var client = await stack.ClientAsync();
        var reader = await stack.ClientAsync(client.Tenant, "ben");
        (await client.PostAsync(new { name, sk = "match" }, "?mode=sync")).Is(HttpStatusCode.Created);
        (await client.PostAsync(new { name = "Plain", sk = "other" }, "?mode=sync")).Is(HttpStatusCode.Created);

        foreach (var user in new[] { client, reader })
        {
            var found = (await user.SearchAsync($"?keyword={Uri.EscapeDataString(keyword)}")).Is(HttpStatusCode.OK);
            Assert.Equal(["match"], found.Items.Select(item => item!["sk"]!.GetValue<string>()));
        }
    }

    [Theory]
    [InlineData("/api/product/data/PRODUCT%23{tenant}/%ff")]
    [InlineData("/api/product/data/PRODUCT%23{tenant}/%zz")]
    [InlineData("/api/product/data/PRODUCT%23{tenant}/a%40b")]
    [InlineData("/api/product/data/PRODUCT%23{tenant}/%0a")]
    [InlineData("/api/product/data/ORDER%23{tenant}/a")]
    [InlineData("/api/product/data/PRODUCT/a")]
    public async Task A_key_in_a_path_that_cannot_be_one_is_refused(string path)
    {
        var client = await stack.ClientAsync();

        (await client.SendAsync(HttpMethod.Get, path.Replace("{tenant}", client.Tenant))).IsProblem(HttpStatusCode.BadRequest, "invalid-key");
    }

    [Theory]
    [InlineData("GET", "/api/product/nothing", HttpStatusCode.NotFound, "not-found")]
    [InlineData("PUT", "/api/product/data", HttpStatusCode.MethodNotAllowed, "method-not-allowed")]
    [InlineData("GET", "/api/product/bulk", HttpStatusCode.MethodNotAllowed, "method-not-allowed")]
    public async Task What_is_not_there_is_answered_with_problem_details_too(string method, string path, HttpStatusCode status, string code)
    {
        var client = await stack.ClientAsync();

        (await client.SendAsync(new HttpMethod(method), path)).IsProblem(status, code);
    }

    [Theory]
    [InlineData("Idempotency-Key", "")]
    [InlineData("Idempotency-Key", "tab\there")]
    [InlineData("x-request-id", "")]
    public async Task A_header_that_cannot_be_taken_is_refused(string header, string value)
    {
        var client = await stack.ClientAsync();

        Assert.Contains(header, (await client.PostAsync(new { name = "x" }, "", (header, value))).Is(HttpStatusCode.BadRequest).Fields);
        Assert.Contains(
            header, (await client.PostAsync(new { name = "x" }, "", (header, new string('k', 129)))).Is(HttpStatusCode.BadRequest).Fields);
        (await client.PostAsync(new { name = "x" }, "", (header, new string('k', 128)))).Is(HttpStatusCode.Created);
    }
}
