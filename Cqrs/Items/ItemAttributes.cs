using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;

namespace Cqrs.Items;

/// <summary>Reads the attributes of stored items. An attribute of another type than expected is a <see cref="FormatException"/>.</summary>
internal static class ItemAttributes
{
    public static string? OptionalText(IReadOnlyDictionary<string, AttributeValue> item, string name) =>
        item.TryGetValue(name, out var value) ? value.S : null;

    public static string TextOrEmpty(IReadOnlyDictionary<string, AttributeValue> item, string name) => OptionalText(item, name) ?? "";

    public static string Text(IReadOnlyDictionary<string, AttributeValue> item, string name) =>
        OptionalText(item, name) ?? throw Missing(name);

    public static long? Number(IReadOnlyDictionary<string, AttributeValue> item, string name)
    {
        if (!item.TryGetValue(name, out var value) || value.N is null)
        {
            return null;
        }

        return JsonContent.ToExactDecimal(value.N) is { } number && number == decimal.Truncate(number)
            && number is >= long.MinValue and <= long.MaxValue
            ? (long)number
            : throw new FormatException($"The attribute {name} is not a whole number: {value.N}.");
    }

    public static bool Flag(IReadOnlyDictionary<string, AttributeValue> item, string name) =>
        item.TryGetValue(name, out var value) && value.BOOL == true;

    public static JsonObject Map(IReadOnlyDictionary<string, AttributeValue> item, string name) =>
        item.TryGetValue(name, out var value) && value.M is { } map ? AttributeMap.ToJson(map) : [];

    public static DateTimeOffset Time(IReadOnlyDictionary<string, AttributeValue> item, string name) =>
        DateTimeOffset.TryParse(
            Text(item, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new FormatException($"The attribute {name} is not a time: {Text(item, name)}.");

    public static FormatException Missing(string name) => new($"The item has no attribute {name} of the right type.");
}
