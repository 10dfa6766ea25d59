using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StackTests.Fuzz;

/// <summary>What the generator knows of the tenants: its own, whose keys are mostly good, and another, whose keys it may name but must not get at.</summary>
internal sealed record FuzzedTenants(string Own, string Other, IReadOnlyList<string> OwnSks, IReadOnlyList<string> OtherSks, IReadOnlyList<string?> Tokens);

/// <summary>Makes requests out of the API's description: mostly right, here and there hostile. The same seed makes the same requests.</summary>
internal sealed class RequestGenerator(IReadOnlyList<ApiOperation> operations, FuzzedTenants tenants, Random random)
{
    private static readonly string[] ContentTypes =
        ["application/json", "application/json; charset=utf-16", "text/plain", "text/csv", "application/x-ndjson", "multipart/form-data", "x", "application/xml"];

    public HttpRequestMessage Next(Uri api)
    {
        // Jobs run one after the other: a few will do.
        var operation = Pick(operations);
        while (operation.Path.Contains("resync", StringComparison.Ordinal) && random.Next(20) > 0)
        {
            operation = Pick(operations);
        }

        var request = new HttpRequestMessage(OneIn(40) ? Pick([HttpMethod.Head, HttpMethod.Options, HttpMethod.Put, HttpMethod.Trace, new("PURGE")]) : operation.Method,
            new Uri(api.GetLeftPart(UriPartial.Authority) + PathOf(operation) + QueryOf(operation), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        var token = OneIn(15) ? Pick(tenants.Tokens) : tenants.Tokens[0];
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        AddHeaders(request, operation);
        if (operation.Bodies.Count > 0 || OneIn(30))
        {
            request.Content = ContentOf(operation);
        }

        return request;
    }

    private string PathOf(ApiOperation operation)
    {
        var path = operation.Path;
        foreach (var parameter in operation.Parameters.Where(parameter => parameter.In == "path"))
        {
            path = path.Replace($"{{{parameter.Name}}}", Escape(PathValue(parameter.Name)), StringComparison.Ordinal);
        }

        return random.Next(60) switch
        {
            0 => path + "/",
            1 => "/" + path,
            2 => path + "/..",
            3 => path.ToUpperInvariant(),
            4 => path.Replace("/api/", "/api/./", StringComparison.Ordinal),
            _ => path,
        };
    }

    private string PathValue(string name) => random.Next(8) switch
    {
        0 => Hostile.Text(random),
        1 => name == "pk" ? $"PRODUCT#{tenants.Other}" : Pick(tenants.OtherSks),
        _ => name switch
        {
            "pk" => $"PRODUCT#{tenants.Own}",
            "sk" => Pick(tenants.OwnSks),
            "version" => random.Next(4).ToString(CultureInfo.InvariantCulture),
            _ => Pick(["v1", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "x"]),
        },
    };

    // Most are encoded as they should be; some are not, or twice.
    private string Escape(string value) => random.Next(25) switch
    {
        0 => Printable(value),
        1 => Uri.EscapeDataString(Whole(Uri.EscapeDataString(Whole(value)))),
        2 => "%ZZ" + Uri.EscapeDataString(Whole(value)),
        3 => "%FF%FE",
        _ => Uri.EscapeDataString(Whole(value)),
    };

    private string QueryOf(ApiOperation operation)
    {
        var parts = operation.Parameters
            .Where(parameter => parameter.In == "query" && random.Next(3) == 0)
            .Select(parameter => $"{parameter.Name}={Escape(QueryValue(parameter))}")
            .ToList();
        if (OneIn(20))
        {
            parts.Add($"{Escape(Hostile.Text(random))}={Escape(Hostile.Text(random))}");
        }

        if (OneIn(20) && parts.Count > 0)
        {
            parts.Add(parts[0]);
        }

        return parts.Count > 0 ? $"?{string.Join('&', parts)}" : "";
    }

    private string QueryValue(ApiParameter parameter) => (parameter.Name, random.Next(3)) switch
    {
        ("wait", > 0) => "0",
        ("wait", _) => Pick(["1", "-1", "31", "x"]),
        ("pk", 0) => $"PRODUCT#{tenants.Other}",
        ("id", 0) => $"PRODUCT#{tenants.Other}#{Pick(tenants.OtherSks)}",
        ("pageSize" or "limit", 0) => "1000",
        ("page", 0) => int.MaxValue.ToString(CultureInfo.InvariantCulture),
        ("orderBys", > 0) => Pick(["name:asc", "-price", "createdAt:desc"]),
        (_, 0) => Hostile.Text(random),
        _ => parameter.Type switch
        {
            "integer" => random.Next(-2, 30).ToString(CultureInfo.InvariantCulture),
            "number" => (random.Next(-100, 10_000) / 100m).ToString(CultureInfo.InvariantCulture),
            "boolean" => Pick(["true", "false"]),
            _ => Pick([.. tenants.OwnSks, "chair", "csv", "jsonl"]),
        },
    };

    private void AddHeaders(HttpRequestMessage request, ApiOperation operation)
    {
        foreach (var header in operation.Parameters.Where(parameter => parameter.In == "header" && random.Next(3) == 0))
        {
            request.Headers.TryAddWithoutValidation(header.Name, random.Next(2) == 0 ? $"\"{random.Next(3)}\"" : Printable(Hostile.Text(random)));
        }

        if (OneIn(15))
        {
            request.Headers.TryAddWithoutValidation(
                Pick(["x-tenant-code", "x-request-id", "traceparent", "Accept", "Accept-Encoding", "Cookie", "X-Forwarded-For", "X-HTTP-Method-Override", "Range", "Expect-CT"]),
                OneIn(2) ? tenants.Other : Printable(Hostile.Text(random)));
        }
    }

    private ByteArrayContent ContentOf(ApiOperation operation)
    {
        var (type, schema) = operation.Bodies.Count > 0 ? operation.Bodies.ElementAt(random.Next(operation.Bodies.Count)) : new("application/json", []);
        var bytes = OneIn(6) ? Hostile.Body(random)
            : type.Contains("json", StringComparison.Ordinal) && !type.Contains("ndjson", StringComparison.Ordinal) && !type.Contains("jsonl", StringComparison.Ordinal)
                ? Encoding.UTF8.GetBytes(Corrupt(Serialize(Value(schema, ""))))
                : FileOf(type);
        var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", OneIn(20) ? Pick(ContentTypes) : type);
        return content;
    }

    private byte[] FileOf(string type) => OneIn(4)
        ? Hostile.Bytes(random)
        : Encoding.UTF8.GetBytes(type == "text/csv"
            ? "sk,code,name,price,specification.weight\n" + Lines(() => $"{Cell()},{Cell()},{Cell()},{random.Next(10)},{Cell()}")
            : Lines(() => Serialize(new JsonObject { ["sk"] = Text("sk"), ["name"] = Text("name"), ["attributes"] = new JsonObject { ["price"] = random.Next(9) } })));

    private string Lines(Func<string> line) => string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => line() + "\n"));

    private string Cell() => random.Next(3) == 0 ? Whole(Hostile.Text(random)) : Pick(tenants.OwnSks);

    private JsonNode? Value(JsonObject schema, string name)
    {
        if (OneIn(12))
        {
            return Pick<Func<JsonNode?>>([() => null, () => Whole(Hostile.Text(random)), () => random.Next(), () => true, () => new JsonArray(), () => new JsonObject()])();
        }

        return ApiOperation.TypeOf(schema) switch
        {
            "object" => new JsonObject((schema["properties"]?.AsObject() ?? [])
                .Where(_ => random.Next(3) > 0)
                .Select(property => KeyValuePair.Create(property.Key, Value(property.Value!.AsObject(), property.Key)))),
            "array" => new JsonArray([.. Enumerable.Range(0, OneIn(30) ? 1001 : random.Next(4)).Select(_ => Value(schema["items"]?.AsObject() ?? [], ""))]),
            "integer" => name == "version" ? random.Next(-2, 4) : random.NextInt64(),
            "number" => (decimal)random.NextInt64() / 1000,
            "boolean" => random.Next(2) == 0,
            _ => Text(name),
        };
    }

    private string Text(string name) => (name, random.Next(6)) switch
    {
        (_, 0) => Whole(Hostile.Text(random)),
        ("pk", 1) => $"PRODUCT#{tenants.Other}",
        ("tenantCode", 1) => tenants.Other,
        ("pk", _) => $"PRODUCT#{tenants.Own}",
        ("tenantCode", _) => tenants.Own,
        ("type", _) => "PRODUCT",
        ("sk" or "code", _) => Pick(tenants.OwnSks),
        ("id", _) => $"PRODUCT#{tenants.Own}#{Pick(tenants.OwnSks)}",
        _ => $"text {random.Next(100)}",
    };

    private string Corrupt(string json) => OneIn(25) && json.Length > 1 ? json.Remove(random.Next(json.Length), 1) : json;

    private static string Serialize(JsonNode? value) => value?.ToJsonString(new JsonSerializerOptions { MaxDepth = 64 }) ?? "null";

    // What a .NET client can send at all: no half characters, in a request line or header no control characters.
    private static string Whole(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.ToString()));

    private static string Printable(string text) => new([.. text.Where(c => c is > ' ' and < '\u007F')]);

    private bool OneIn(int n) => random.Next(n) == 0;

    private T Pick<T>(IReadOnlyList<T> values) => values[random.Next(values.Count)];
}
