using System.Text.Json;
using System.Text.Json.Nodes;
using Cqrs.Items;

namespace Cqrs.Publishing;

/// <summary>Merges a patch into a state, for callers that have no rules of their own.</summary>
internal static class PartialUpdate
{
    public static Decision Apply(ItemModel current, JsonObject patch)
    {
        var state = new JsonObject
        {
            ["name"] = current.Name,
            ["code"] = current.Code,
            ["seq"] = current.Seq,
            ["ttl"] = current.Ttl,
            ["isDeleted"] = current.IsDeleted,
            ["attributes"] = current.Attributes.DeepClone(),
        };
        var merged = (JsonObject)JsonContent.Merge(state, patch)!;
        var errors = new List<FieldError>();
        var input = new CommandInput
        {
            Key = current.Key,
            TenantCode = current.TenantCode,
            Type = current.Type,
            Name = Read<string>(merged, "name", errors) ?? "",
            Code = Read<string>(merged, "code", errors),
            Seq = Read<long?>(merged, "seq", errors),
            Ttl = Read<long?>(merged, "ttl", errors),
            ClearTtl = merged["ttl"] is null,
            IsDeleted = Read<bool?>(merged, "isDeleted", errors) ?? false,
            Attributes = Read<JsonObject>(merged, "attributes", errors) ?? [],
        };
        return errors.Count == 0 ? new Decision.Publish(input) : new Decision.Reject(errors);
    }

    private static T? Read<T>(JsonObject state, string name, List<FieldError> errors)
    {
        try
        {
            return state[name] is { } value ? value.Deserialize<T>() : default;
        }
        catch (JsonException)
        {
            errors.Add(new(name, "has the wrong type"));
            return default;
        }
    }
}
