using System.Text.Json.Nodes;
using Product.Web.Products.Form;

namespace Product.Web.Products.Edit;

/// <summary>The difference of two forms, as a JSON merge patch: only what a person changed is written.</summary>
public static class ProductPatch
{
    public static JsonObject Of(ProductForm from, ProductForm to)
    {
        var patch = new JsonObject();
        foreach (var field in ProductField.All.Where(field => !field.IsSame(from, to)))
        {
            Set(patch, field.Path.Split('.'), field.ToJson(to));
        }

        return patch;
    }

    private static void Set(JsonObject into, ReadOnlySpan<string> path, JsonNode? value)
    {
        if (path.Length == 1)
        {
            into[path[0]] = value;
            return;
        }

        if (into[path[0]] is not JsonObject inner)
        {
            into[path[0]] = inner = [];
        }

        Set(inner, path[1..], value);
    }
}
