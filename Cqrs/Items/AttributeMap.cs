using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;

namespace Cqrs.Items;

/// <summary>Attributes as JSON and as DynamoDB holds them. Numbers keep their exact decimal value on the way there and back.</summary>
public static class AttributeMap
{
    /// <summary>Returns a JSON object as a DynamoDB map. Members that are null are left out: absent is null.</summary>
    public static AttributeValue ToAttributeValue(JsonObject value)
    {
        var map = new Dictionary<string, AttributeValue>(value.Count);
        foreach (var (name, member) in value)
        {
            if (member is not null)
            {
                map[name] = ToAttributeValue(member);
            }
        }

        return new AttributeValue { M = map };
    }

    /// <summary>Returns a DynamoDB map as a JSON object. Sets become arrays and binary values become base64 text.</summary>
    /// <exception cref="FormatException">A number is none.</exception>
    public static JsonObject ToJson(IReadOnlyDictionary<string, AttributeValue> map)
    {
        var value = new JsonObject();
        foreach (var (name, member) in map)
        {
            value[name] = ToJson(member);
        }

        return value;
    }

    private static AttributeValue ToAttributeValue(JsonNode? value) => value switch
    {
        null => new AttributeValue { NULL = true },
        JsonObject members => ToAttributeValue(members),
        JsonArray elements => new AttributeValue { L = [.. elements.Select(ToAttributeValue)] },
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => new AttributeValue { S = value.GetValue<string>() },
            JsonValueKind.Number => new AttributeValue { N = value.ToJsonString() },
            JsonValueKind.True => new AttributeValue { BOOL = true },
            JsonValueKind.False => new AttributeValue { BOOL = false },
            var kind => throw new NotSupportedException($"A JSON value of kind {kind} cannot be stored."),
        },
    };

    private static JsonNode? ToJson(AttributeValue value) => value switch
    {
        { S: { } text } => JsonValue.Create(text),
        { N: { } number } => ToJsonNumber(number),
        { BOOL: { } flag } => JsonValue.Create(flag),
        { M: { } members } => ToJson(members),
        { L: { } elements } => new JsonArray([.. elements.Select(ToJson)]),
        { SS: { } texts } => new JsonArray([.. texts.Select(text => JsonValue.Create(text))]),
        { NS: { } numbers } => new JsonArray([.. numbers.Select(number => (JsonNode?)ToJsonNumber(number))]),
        { B: { } bytes } => JsonValue.Create(Convert.ToBase64String(bytes.ToArray())),
        _ => null,
    };

    // Larger and longer than a decimal, as somebody else may have stored it.
    private static JsonValue ToJsonNumber(string number)
    {
        try
        {
            return JsonContent.ToExactDecimal(number) is { } exact
                ? JsonValue.Create(exact)
                : JsonNode.Parse(number) is JsonValue value && value.GetValueKind() == JsonValueKind.Number
                    ? value
                    : throw new FormatException($"{number} is not a number.");
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"{number} is not a number.", malformed);
        }
    }

    /// <summary>Returns a text attribute.</summary>
    internal static AttributeValue Text(string value) => new() { S = value };

    /// <summary>Returns a number attribute.</summary>
    internal static AttributeValue Number(long value) => new() { N = value.ToString(CultureInfo.InvariantCulture) };
}
