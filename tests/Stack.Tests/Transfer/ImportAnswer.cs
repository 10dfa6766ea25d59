using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace StackTests.Transfer;

/// <summary>What an import answered, line by line.</summary>
internal sealed record ImportAnswer(IReadOnlyList<JsonObject> Lines)
{
    public JsonObject Summary => Lines[^1];

    public IEnumerable<JsonObject> Errors => Lines.Where(line => TypeOf(line) == "error");

    public IEnumerable<JsonObject> Progress => Lines.Where(line => TypeOf(line) == "progress");

    public static ImportAnswer Parse(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.Equal("summary", TypeOf(lines[^1]));
        return new ImportAnswer(lines);
    }

    /// <summary>Checks the counts of the summary.</summary>
    public ImportAnswer Has(int created = 0, int updated = 0, int skipped = 0, int failed = 0)
    {
        var counts = (Count("created"), Count("updated"), Count("skipped"), Count("failed"));
        Assert.True(counts == (created, updated, skipped, failed), string.Join('\n', Lines.TakeLast(20).Select(line => line.ToJsonString())));
        Assert.Equal(created + updated + skipped + failed, Count("rows"));
        Assert.True(Summary["completed"]!.GetValue<bool>());
        return this;
    }

    /// <summary>Checks that there is exactly one error of a line, that it names the field, and returns its reason.</summary>
    public string ErrorAt(int line, string? field = null, string? value = null)
    {
        var error = Assert.Single(Errors, error => error["line"]!.GetValue<int>() == line);
        Assert.Equal(field, error["field"]?.GetValue<string>());
        if (value is not null)
        {
            Assert.Equal(value, error["value"]?.GetValue<string>());
        }

        return error["reason"]!.GetValue<string>();
    }

    private int Count(string name) => Summary[name]!.GetValue<int>();

    private static string TypeOf(JsonObject line) => line["type"]!.GetValue<string>();
}

/// <summary>Files to and from the API.</summary>
internal static class TransferClient
{
    public const string Csv = "text/csv";
    public const string JsonLines = "application/x-ndjson";

    public static Task<ImportAnswer> ImportAsync(this ApiClient client, string file, string contentType = Csv, int wait = 0) =>
        client.ImportAsync(Encoding.UTF8.GetBytes(file), contentType, wait);

    public static async Task<ImportAnswer> ImportAsync(this ApiClient client, byte[] file, string contentType = Csv, int wait = 0)
    {
        var answer = (await client.SendImportAsync(file, contentType, wait)).Is(HttpStatusCode.OK);
        Assert.Equal("application/x-ndjson", answer.Response.Content.Headers.ContentType?.MediaType);
        return ImportAnswer.Parse(answer.Text);
    }

    public static Task<Answer> SendImportAsync(this ApiClient client, byte[] file, string contentType, int wait = 0) => client.SendAsync(
        HttpMethod.Post,
        $"/api/product/import?wait={wait}",
        new ByteArrayContent(file) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } });

    /// <summary>An imported item, once its version is applied: an import is not remembered for who made it.</summary>
    public static async Task<Answer> AppliedAsync(this ApiClient client, string sk, long version = 1)
    {
        Assert.Equal("FINISHED", (await client.CommandAsync(sk, version, wait: 30)).Is(HttpStatusCode.OK).At("status")!.GetValue<string>());
        return (await client.GetAsync(sk)).Is(HttpStatusCode.OK);
    }

    public static async Task<string> ExportAsync(this ApiClient client, string query = "") =>
        (await client.SendAsync(HttpMethod.Get, $"/api/product/export{query}")).Is(HttpStatusCode.OK).Text;
}
