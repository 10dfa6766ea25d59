using System.Text.Json;
using Cqrs.CommandLog;
using Cqrs.Items;

namespace Cqrs.Streams;

/// <summary>Reads stream records, as GetRecords and Lambda events carry them. A record that cannot be read says so, and is no fault of the others.</summary>
public static class RecordJson
{
    /// <summary>How a body with records is parsed: at any depth, because depth is a matter of each record.</summary>
    public static readonly JsonDocumentOptions Options = new() { MaxDepth = int.MaxValue };

    private static readonly string[] KeyNames = ["pk", "sk"];

    /// <summary>A record; one that cannot be read has the reason, and whatever of its keys and its place can be read.</summary>
    public static Record Read(JsonElement record)
    {
        var change = Member(record, "dynamodb");
        var read = new Record(
            Text(record, "eventID"), Text(record, "eventName") ?? "", new StreamRecord([], null, Text(change, "SequenceNumber") ?? ""));
        var keys = Member(change, "Keys");
        try
        {
            return read with
            {
                Dynamodb = read.Dynamodb with
                {
                    Keys = AttributeValueJson.ReadItem(keys),
                    NewImage = TryGetMember(change, "NewImage", out var image) ? AttributeValueJson.ReadItem(image) : null,
                },
            };
        }
        catch (FormatException malformed)
        {
            var known = KeyNames
                .Select(name => (Name: name, Value: Text(Member(keys, name), "S")))
                .Where(key => key.Value is not null)
                .ToDictionary(key => key.Name, key => AttributeMap.Text(key.Value!));
            return read with { Dynamodb = read.Dynamodb with { Keys = known }, Unreadable = malformed.Message };
        }
    }

    /// <summary>Returns a member that is a text; null if it is none, or there is none.</summary>
    public static string? Text(JsonElement parent, string name)
    {
        try
        {
            return TryGetMember(parent, name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate, half a character, is not valid text.
            return null;
        }
    }

    private static JsonElement Member(JsonElement parent, string name) => TryGetMember(parent, name, out var value) ? value : default;

    private static bool TryGetMember(JsonElement parent, string name, out JsonElement value)
    {
        value = default;
        try
        {
            return parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException)
        {
            // The name of another member is not valid text.
            return false;
        }
    }
}
