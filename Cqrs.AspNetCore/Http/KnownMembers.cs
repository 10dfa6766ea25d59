using System.Text.Json.Nodes;

namespace Cqrs.AspNetCore.Http;

/// <summary>Keeps of a JSON object what a type knows, so that nothing else reaches the store by way of a patch.</summary>
public static class KnownMembers
{
    public static JsonNode? Filter(JsonNode? value, Type type)
    {
        if (value is not JsonObject members || ApiJson.Options.GetTypeInfo(type) is not { Properties: { Count: > 0 } properties })
        {
            return value?.DeepClone();
        }

        var known = new JsonObject();
        foreach (var property in properties.Where(property => members.ContainsKey(property.Name)))
        {
            known[property.Name] = Filter(members[property.Name], property.PropertyType);
        }

        return known;
    }
}
