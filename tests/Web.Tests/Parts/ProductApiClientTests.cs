using System.Net;
using Product.Web.Api;

namespace WebTests.Parts;

public sealed class ProductApiClientTests
{
    private const string Found = """{"total":1,"items":[{"id":"a","pk":"b","sk":"c","code":"d","name":"e","version":1,"attributes":{"price":12.50}}]}""";

    private static readonly NewProduct Chair = new("01M8", "Chair", null, new() { Price = 1.10m });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_search_carries_the_token_and_escapes_what_is_searched_for()
    {
        using var api = new Stub().Answers(HttpStatusCode.OK, Found);
        var page = await api.Client.SearchAsync(new(new("a&b #1", MinPrice: "1.50"), OrderBy: "name:asc"), Cancellation);
        Assert.Equal(12.50m, Assert.Single(page.Items).Attributes.Price);
        Assert.Equal(
            ["GET /api/product/data?keyword=a%26b%20%231&minPrice=1.50&page=1&pageSize=20&orderBys=name%3Aasc Bearer token-1"],
            api.Requests);
    }

    // Attributes may have 31 levels, with what the form does not know.
    [Fact]
    public async Task A_product_that_is_nested_at_the_limit_is_read()
    {
        var deepest = string.Concat(Enumerable.Repeat("""{"a":""", 29)) + "{}" + new string('}', 29);
        using var api = new Stub().Answers(
            HttpStatusCode.OK, Found.Replace("\"price\":12.50", $"\"price\":12.50,\"specification\":{deepest}", StringComparison.Ordinal));

        Assert.Equal(12.50m, Assert.Single((await api.Client.SearchAsync(new(new()), Cancellation)).Items).Attributes.Price);
    }

    [Theory]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("100%25 #1", "100%2525%20%231")]
    [InlineData("..a", "..a")]
    public async Task A_key_is_encoded_once(string sk, string inPath)
    {
        using var api = new Stub().Answers(HttpStatusCode.NoContent);
        Assert.Null(await api.Client.DeleteAsync(sk, 3, Cancellation));
        Assert.Equal([$"DELETE /api/product/data/PRODUCT%23acme/{inPath} Bearer token-1"], api.Requests);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_replaced_once_also_for_a_write()
    {
        using var api = new Stub().Answers(HttpStatusCode.Unauthorized);
        var refused = await Assert.ThrowsAsync<ApiException>(() => api.Client.CreateAsync(Chair, Cancellation));
        Assert.Equal(401, refused.Problem.Status);
        Assert.Equal(["POST /api/product Bearer token-1", "POST /api/product Bearer token-2"], api.Requests);
    }

    [Fact]
    public async Task A_read_is_tried_again_but_a_write_whose_outcome_is_unknown_is_not()
    {
        using var api = new Stub().Answers(HttpStatusCode.ServiceUnavailable);
        await Assert.ThrowsAsync<ApiException>(() => api.Client.CreateAsync(Chair, Cancellation));
        Assert.Single(api.Requests);

        using var again = new Stub().Answers(HttpStatusCode.ServiceUnavailable).Answers(HttpStatusCode.OK, Found);
        Assert.Equal(1, (await again.Client.SearchAsync(new(new()), Cancellation)).Total);
        Assert.Equal(2, again.Requests.Count);
    }

    [Fact]
    public async Task Problem_details_come_with_their_code_and_fields()
    {
        using var api = new Stub().Answers(
            HttpStatusCode.BadRequest, """{"detail":"name is required.","code":"validation","errors":{"name":["is required"]}}""", "application/problem+json");
        var refused = await Assert.ThrowsAsync<ApiException>(() => api.Client.CreateAsync(Chair, Cancellation));
        Assert.Equal(("validation", 400), (refused.Problem.Code, refused.Problem.Status));
        Assert.Equal(["is required"], refused.Problem.Errors!["name"]);
    }

    [Theory]
    [InlineData("<html>", "text/html")]
    [InlineData("{", "application/problem+json")]
    [InlineData("null", "application/problem+json")]
    public async Task A_failure_that_says_nothing_readable_is_still_told(string body, string mediaType)
    {
        using var api = new Stub().Answers(HttpStatusCode.BadGateway, body, mediaType);
        var failed = await Assert.ThrowsAsync<ApiException>(() => api.Client.CreateAsync(Chair, Cancellation));
        Assert.Equal("Products cannot be reached right now", failed.Problem.Describe().Title);
        Assert.True(failed.Problem.IsOutcomeUnknown);
    }
}
