using System.Net;

namespace StackTests.Api;

/// <summary>A body is taken for what its content type says, and for nothing else.</summary>
public sealed class ContentTypeTests(Stack stack)
{
    [Theory]
    [InlineData("application/json-patch+json")]
    [InlineData("application/problem+json")]
    [InlineData("application/vnd.api+json")]
    [InlineData("text/json")]
    [InlineData("text/plain")]
    [InlineData("application/*")]
    [InlineData("application/merge-patch+json; charset=utf-16")]
    [InlineData("application/json, application/merge-patch+json")]
    [InlineData("merge-patch")]
    public async Task A_patch_of_another_kind_is_not_applied_and_the_answer_says_which_are(string contentType)
    {
        var client = await stack.ClientAsync();
        (await client.PostAsync(new { sk = "chair", name = "Chair" })).Is(HttpStatusCode.Created);

        var answer = await client.PatchAsync("chair", """{"name":"Stool"}""", ("If-Match", "*"), ("Content-Type", contentType));

        answer.IsProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        Assert.Equal("application/merge-patch+json, application/json", string.Join(", ", answer.Response.Headers.GetValues("Accept-Patch")));
        Assert.Equal("Chair", (await client.GetAsync("chair")).At("name")!.GetValue<string>());
    }

    [Theory]
    [InlineData("application/merge-patch+json")]
    [InlineData("application/json-patch+json")]
    [InlineData("application/problem+json")]
    [InlineData("text/json")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=iso-8859-1")]
    public async Task A_post_of_another_kind_of_JSON_is_refused(string contentType)
    {
        var client = await stack.ClientAsync();

        (await client.PostAsync("""{"name":"x"}""", "", ("Content-Type", contentType))).IsProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await client.BulkAsync("""[{"name":"x"}]""", ("Content-Type", contentType))).IsProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");

        Assert.Empty((await client.ListAsync()).Items);
    }

    [Theory]
    [InlineData("APPLICATION/JSON")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/json; profile=\"x\"; charset=utf-8")]
    public async Task A_content_type_is_read_whatever_its_case_and_further_parameters(string contentType)
    {
        var client = await stack.ClientAsync();

        (await client.PostAsync("""{"sk":"a","name":"x"}""", "", ("Content-Type", contentType))).Is(HttpStatusCode.Created);
        (await client.PatchAsync("a", """{"name":"y"}""", ("If-Match", "*"), ("Content-Type", contentType))).Is(HttpStatusCode.OK);
    }

    // Nothing undoes it: the bytes would be taken for the content.
    [Theory]
    [InlineData("/api/product", "application/json")]
    [InlineData("/api/product/bulk", "application/json")]
    [InlineData("/api/product/import", "text/csv")]
    public async Task A_compressed_body_is_refused(string path, string contentType)
    {
        var client = await stack.ClientAsync();

        var answer = await client.SendAsync(HttpMethod.Post, path, "sk,name\na,x\n", ("Content-Type", contentType), ("Content-Encoding", "gzip"));

        answer.IsProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        Assert.Equal("identity", string.Join(", ", answer.Response.Headers.GetValues("Accept-Encoding")));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/csv+json")]
    [InlineData("application/x-ndjson+jsonl")]
    [InlineData("text/*")]
    public async Task A_file_of_another_kind_is_not_imported(string contentType)
    {
        var client = await stack.ClientAsync();

        (await client.SendAsync(HttpMethod.Post, "/api/product/import", "sk,name\na,x\n", ("Content-Type", contentType)))
            .IsProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");

        Assert.Empty((await client.ListAsync()).Items);
    }
}
