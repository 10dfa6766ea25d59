using System.Text.Json;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace Cqrs.Streams;

/// <summary>Reads DynamoDB's own JSON, the form in which streams and Lambda events carry items: <c>{"S":"text"}</c>.</summary>
public static class AttributeValueJson
{
    /// <summary>Returns an item.</summary>
    /// <exception cref="FormatException">The JSON is not an item, or one that no table can hold.</exception>
    public static Dictionary<string, AttributeValue> ReadItem(JsonElement item)
    {
        try
        {
            return ReadMap(item, levelsLeft: Nesting.MaxItemLevels);
        }
        catch (InvalidOperationException noText)
        {
            throw new FormatException("A name or a value is no text: it has half a character.", noText);
        }
    }

    private static Dictionary<string, AttributeValue> ReadMap(JsonElement item, int levelsLeft)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("An item must be a JSON object.");
        }

        var attributes = new Dictionary<string, AttributeValue>();
        foreach (var attribute in item.EnumerateObject())
        {
            attributes[attribute.Name] = ReadValue(attribute.Value, levelsLeft);
        }

        return attributes;
    }

    private static AttributeValue ReadValue(JsonElement value, int levelsLeft)
    {
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().FirstOrDefault() is not { Value.ValueKind: not JsonValueKind.Undefined } typed)
        {
            throw new FormatException("An attribute value must be an object with its type as only member.");
        }

        if (levelsLeft == 0 && typed.Name is "M" or "L")
        {
            throw new FormatException($"An item has at most {Nesting.MaxItemLevels} levels.");
        }

        try
        {
            return typed.Name switch
            {
                "S" => new AttributeValue { S = ReadText(typed.Value) },
                "N" => new AttributeValue { N = ReadText(typed.Value) },
                "BOOL" => new AttributeValue { BOOL = typed.Value.GetBoolean() },
                "NULL" => new AttributeValue { NULL = true },
                "M" => new AttributeValue { M = ReadMap(typed.Value, levelsLeft - 1) },
                "L" => new AttributeValue { L = [.. typed.Value.EnumerateArray().Select(element => ReadValue(element, levelsLeft - 1))] },
                "SS" => new AttributeValue { SS = ReadTexts(typed.Value) },
                "NS" => new AttributeValue { NS = ReadTexts(typed.Value) },
                "B" => new AttributeValue { B = new MemoryStream(typed.Value.GetBytesFromBase64()) },
                "BS" => new AttributeValue { BS = [.. typed.Value.EnumerateArray().Select(v => new MemoryStream(v.GetBytesFromBase64()))] },
                _ => throw new FormatException($"There is no attribute type {typed.Name}."),
            };
        }
        catch (InvalidOperationException wrongType)
        {
            throw new FormatException($"The value of an attribute of type {typed.Name} has the wrong JSON type.", wrongType);
        }
    }

    private static List<string> ReadTexts(JsonElement texts) => [.. texts.EnumerateArray().Select(ReadText)];

    private static string ReadText(JsonElement text) => text.GetString() ?? throw new FormatException("A text must not be null.");
}
