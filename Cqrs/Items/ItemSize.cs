using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;

namespace Cqrs.Items;

/// <summary>
/// How many bytes DynamoDB counts for an item. An upper estimate by the published rules ("DynamoDB item sizes and formats" in the
/// Amazon DynamoDB developer guide).
/// </summary>
internal static class ItemSize
{
    /// <summary>
    /// The largest command that is accepted, in bytes. DynamoDB's own limit is 400 KB; the data and history items made from a command
    /// carry two more keys, and a failure may be marked on it.
    /// </summary>
    public const int MaxCommandBytes = 380 * 1024;

    private const int BytesOfTheRest = 500;
    private const int BytesOfANumber = 8;

    /// <summary>
    /// After how many bytes a page, a batch or whatever else is held in memory at a time ends, however few items that is. What is ordinary is far below
    /// it; items at their limit, by the thousand, would take more memory than there is.
    /// </summary>
    public const int MaxBytesAtOnce = 4 * 1024 * 1024;

    /// <summary>About how large a state is.</summary>
    public static int About(ItemModel state) => BytesOfTheRest + About(state.Attributes);

    /// <summary>Returns the size of an item: names and values in UTF-8.</summary>
    public static int Of(Dictionary<string, AttributeValue> item) =>
        item.Sum(attribute => Encoding.UTF8.GetByteCount(attribute.Key) + Of(attribute.Value));

    private static int About(JsonNode? node) => node switch
    {
        JsonObject members => members.Sum(member => member.Key.Length + About(member.Value)),
        JsonArray elements => elements.Sum(About),
        JsonValue text when text.GetValueKind() == JsonValueKind.String => Encoding.UTF8.GetByteCount(text.GetValue<string>()),
        _ => BytesOfANumber,
    };

    private static int Of(AttributeValue value) => value switch
    {
        { S: { } text } => Encoding.UTF8.GetByteCount(text),
        { N: { } number } => (number.Length / 2) + 2,
        { M: { } members } => 3 + members.Count + Of(members),
        { L: { } elements } => 3 + elements.Sum(element => 1 + Of(element)),
        _ => 1,
    };
}
