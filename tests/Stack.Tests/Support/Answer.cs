using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StackTests.Support;

/// <summary>What the API answered.</summary>
public sealed record Answer(HttpStatusCode Status, HttpResponseMessage Response, string Text)
{
    /// <summary>The body as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Text) ?? throw new InvalidOperationException($"The answer has no JSON body: {this}");

    public JsonArray Items => Json["items"]!.AsArray();

    public long Version => Json["version"]!.GetValue<long>();

    public string Sk => Json["sk"]!.GetValue<string>();

    public long Total => Json["total"]!.GetValue<long>();

    public string? ETag => Response.Headers.ETag?.Tag;

    /// <summary>The <c>code</c> of a problem.</summary>
    public string Code => Json["code"]!.GetValue<string>();

    /// <summary>The fields that a validation problem names.</summary>
    public IEnumerable<string> Fields => Json["errors"]!.AsObject().Select(error => error.Key);

    public static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        new(response.StatusCode, response, await response.Content.ReadAsStringAsync(cancellationToken));

    /// <summary>Checks the status, and shows the whole answer if it is another.</summary>
    public Answer Is(HttpStatusCode status)
    {
        Assert.True(Status == status, $"Expected {(int)status} {status}; got {this}");
        return this;
    }

    /// <summary>Checks that the answer is problem details of that status and code, with nothing of the server's inside in it.</summary>
    public Answer IsProblem(HttpStatusCode status, string code)
    {
        Is(status);
        Assert.Equal("application/problem+json", Response.Content.Headers.ContentType?.MediaType);
        Assert.True(Code == code, $"Expected the code {code}; got {this}");
        Assert.Equal((int)status, Json["status"]!.GetValue<int>());
        Assert.DoesNotMatch(@"Exception|   at |\.cs:line|System\.|Cqrs\.|Amazon|Npgsql", Text);
        return this;
    }

    /// <summary>Checks that the answer is a validation problem that names a field.</summary>
    public Answer NamesField(string field, string code = "validation")
    {
        IsProblem(HttpStatusCode.BadRequest, code);
        Assert.Contains(field, Fields);
        return this;
    }

    public override string ToString() =>
        $"{Response.RequestMessage?.Method} {Response.RequestMessage?.RequestUri?.PathAndQuery} -> {(int)Status} {Text[..Math.Min(Text.Length, 2000)]}";

    /// <summary>A member of the body, by its path.</summary>
    public JsonNode? At(params string[] path) => path.Aggregate((JsonNode?)Json, (node, name) => node?[name]);

    /// <summary>The body without what changes from call to call.</summary>
    public JsonObject Content()
    {
        var content = Json.DeepClone().AsObject();
        foreach (var name in new[] { "requestId", "source", "createdAt", "createdIp", "updatedAt", "updatedIp", "csk", "version" })
        {
            content.Remove(name);
        }

        return content;
    }

    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
}
