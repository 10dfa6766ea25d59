using System.Text.Json.Nodes;

namespace StackTests.Fuzz;

/// <summary>A parameter of an operation.</summary>
internal sealed record ApiParameter(string Name, string In, string Type);

/// <summary>An operation as the API describes it: what a request may consist of.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, with parameters in braces.</param>
/// <param name="Parameters">Path, query and header parameters.</param>
/// <param name="Bodies">The schemas of the body by media type, references resolved.</param>
internal sealed record ApiOperation(HttpMethod Method, string Path, IReadOnlyList<ApiParameter> Parameters, IReadOnlyDictionary<string, JsonObject> Bodies)
{
    private const int MaxDepth = 8;

    public static IReadOnlyList<ApiOperation> ReadAll(JsonObject document)
    {
        var operations = new List<ApiOperation>();
        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                operations.Add(new ApiOperation(
                    HttpMethod.Parse(method),
                    path,
                    [.. (operation!["parameters"]?.AsArray() ?? []).Select(parameter => new ApiParameter(
                        parameter!["name"]!.GetValue<string>(), parameter["in"]!.GetValue<string>(), TypeOf(parameter["schema"] as JsonObject)))],
                    (operation["requestBody"]?["content"]?.AsObject() ?? []).ToDictionary(
                        content => content.Key, content => Resolve(document, content.Value?["schema"] as JsonObject ?? [], MaxDepth))));
            }
        }

        return operations;
    }

    /// <summary>The type that a schema names; of several, the one that is not null.</summary>
    public static string TypeOf(JsonObject? schema) => schema?["type"] switch
    {
        JsonArray several => several.Select(type => type!.GetValue<string>()).FirstOrDefault(type => type != "null") ?? "string",
        JsonValue one => one.GetValue<string>(),
        _ => schema?["properties"] is null ? "string" : "object",
    };

    private static JsonObject Resolve(JsonObject document, JsonObject schema, int depth)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
        {
            var target = reference.Split('/').Skip(1).Aggregate((JsonNode)document, (node, name) => node[name]!);
            return Resolve(document, target.AsObject(), depth);
        }

        if (depth > 0 && (schema["oneOf"] ?? schema["anyOf"]) is JsonArray choices
            && choices.OfType<JsonObject>().FirstOrDefault(choice => choice["$ref"] is not null) is { } choice)
        {
            return Resolve(document, choice, depth);
        }

        var resolved = new JsonObject { ["type"] = TypeOf(schema) };
        if (depth > 0 && schema["items"] is JsonObject items)
        {
            resolved["items"] = Resolve(document, items, depth - 1);
        }

        if (depth > 0 && schema["properties"] is JsonObject properties)
        {
            resolved["properties"] = new JsonObject(properties.Select(property =>
                KeyValuePair.Create(property.Key, (JsonNode?)Resolve(document, property.Value!.AsObject(), depth - 1))));
        }

        return resolved;
    }
}
