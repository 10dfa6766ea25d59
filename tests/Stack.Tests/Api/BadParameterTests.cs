using System.Net;

namespace StackTests.Api;

/// <summary>What a caller can do wrong in a path, a query or a header is answered with what is wrong. Conformance 43, 44.</summary>
public sealed class BadParameterTests(Stack stack)
{
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
    [InlineData("?limit=1&startFromSk=%ff", "startFromSk")]
    [InlineData("?startFromSk=50%", "startFromSk")]
    [InlineData("?%C3=1", "%C3")]
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
    [InlineData("?code=%ff", "code")]
    [InlineData("?keyword=a%ED%A0%80b", "keyword")]
    [InlineData("?sort=name", "sort")]
    public async Task A_search_takes_no_parameter_it_does_not_understand(string query, string field)
    {
        var client = await stack.ClientAsync();

        (await client.SearchAsync(query)).NamesField(field);
    }

    [Fact]
    public async Task A_key_in_a_query_is_not_looked_for_if_its_bytes_are_no_text()
    {
        var client = await stack.ClientAsync();

        (await client.SearchAsync("?sk=%ff")).NamesField("sk", "invalid-key");
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
