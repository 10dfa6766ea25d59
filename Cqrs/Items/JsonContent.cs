using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cqrs.Items;

/// <summary>Compares contents, and merges a change into one.</summary>
public static class JsonContent
{
    /// <summary>
    /// Returns whether two values say the same: key order does not matter, an absent member is a null one, and numbers compare by value
    /// (1.0 is 1).
    /// </summary>
    public static bool AreSame(JsonNode? left, JsonNode? right) => (left, right) switch
    {
        (null, null) => true,
        (JsonObject l, JsonObject r) => MembersAreSame(l, r),
        (JsonArray l, JsonArray r) => l.Count == r.Count && l.Zip(r).All(pair => AreSame(pair.First, pair.Second)),
        (JsonValue l, JsonValue r) => ValuesAreSame(l, r),
        _ => false,
    };

    /// <summary>
    /// Applies a JSON merge patch (RFC 7396): members are merged deeply, null removes, everything else (arrays too) replaces.
    /// </summary>
    /// <returns>A new node; neither argument is changed.</returns>
    public static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var merged = (JsonObject)(target as JsonObject ?? []).DeepClone();
        foreach (var (name, change) in changes)
        {
            if (change is null)
            {
                merged.Remove(name);
            }
            else
            {
                merged[name] = Merge(merged[name], change);
            }
        }

        return merged;
    }

    /// <summary>Returns a number as an exact decimal, or null if it has more than 28 significant digits or is out of a decimal's range.</summary>
    public static decimal? ToExactDecimal(string number)
    {
        if (!decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            return null;
        }

        // Parsing rounds what does not fit: count the digits that were written, and those that are left.
        var digits = SignificantDigits(number);
        return digits.Length <= 28 && digits.SequenceEqual(SignificantDigits(value.ToString(CultureInfo.InvariantCulture))) ? value : null;
    }

    private static ReadOnlySpan<char> SignificantDigits(string number)
    {
        var mantissa = number.AsSpan();
        var exponent = mantissa.IndexOfAny('e', 'E');
        mantissa = exponent < 0 ? mantissa : mantissa[..exponent];
        var digits = new char[mantissa.Length];
        var count = 0;
        foreach (var character in mantissa)
        {
            if (char.IsAsciiDigit(character))
            {
                digits[count++] = character;
            }
        }

        return digits.AsSpan(0, count).Trim('0');
    }

    private static bool MembersAreSame(JsonObject left, JsonObject right) =>
        left.All(member => AreSame(member.Value, right[member.Key]))
        && right.All(member => member.Value is null || left[member.Key] is not null);

    private static bool ValuesAreSame(JsonValue left, JsonValue right)
    {
        var kind = left.GetValueKind();
        if (kind != right.GetValueKind())
        {
            return false;
        }

        return kind switch
        {
            JsonValueKind.String => left.GetValue<string>() == right.GetValue<string>(),
            JsonValueKind.Number => NumbersAreSame(left.ToJsonString(), right.ToJsonString()),
            _ => true,
        };
    }

    private static bool NumbersAreSame(string left, string right) =>
        left == right || (ToExactDecimal(left) is { } l && ToExactDecimal(right) is { } r && l == r);
}
