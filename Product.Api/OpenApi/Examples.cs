using System.Text.Json.Nodes;

namespace Product.Api.OpenApi;

/// <summary>Examples of requests and problems.</summary>
internal static class Examples
{
    public static JsonObject Product() => new()
    {
        ["name"] = "Oak chair",
        ["code"] = "CHAIR-01",
        ["version"] = 0,
        ["attributes"] = new JsonObject
        {
            ["category"] = "Seating",
            ["price"] = 129.90m,
            ["description"] = "A chair of solid oak.",
            ["specification"] = new JsonObject { ["weight"] = "6.2 kg", ["dimensions"] = "45 x 52 x 88 cm" },
        },
    };

    public static JsonObject Patch() => new() { ["attributes"] = new JsonObject { ["price"] = 119.90m, ["description"] = null } };

    public static JsonObject? Problem(string status) => status switch
    {
        "400" => Of(400, "validation", "name is required.", ("errors", new JsonObject { ["name"] = new JsonArray("is required") })),
        "403" => Of(403, "tenant-mismatch", "The request names a key of another tenant."),
        "404" => Of(404, "not-found", "There is no such item."),
        "409" => Of(409, "version-conflict", "The newest version is 3.", ("currentVersion", 3)),
        "413" => Of(413, "too-large", "The request body is too large."),
        "503" => Of(503, "unavailable", "A store that the request needs does not answer. Try again."),
        _ => null,
    };

    private static JsonObject Of(int status, string code, string detail, params (string Name, JsonNode Value)[] more)
    {
        var problem = new JsonObject { ["status"] = status, ["detail"] = detail, ["code"] = code };
        foreach (var (name, value) in more)
        {
            problem[name] = value;
        }

        return problem;
    }
}
