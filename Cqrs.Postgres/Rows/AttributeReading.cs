using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cqrs.Postgres.Rows;

/// <summary>
/// Reads attributes as columns need them. What has another type than expected (written by older code, or from outside) reads as absent:
/// it must not keep the row from following the item.
/// </summary>
public static class AttributeReading
{
    public static string? Text(this JsonObject attributes, string name) =>
        attributes[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static decimal? Decimal(this JsonObject attributes, string name) =>
        attributes[name] is JsonValue value
        && value.GetValueKind() == JsonValueKind.Number
        && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    public static string? Json(this JsonObject attributes, string name) => (attributes[name] as JsonObject)?.ToJsonString();
}
