using System.Text.Json;

namespace Cqrs.AspNetCore.Http;

/// <summary>Reads every name and text of a value, of members too that nobody asks for: parsing looks at the form only.</summary>
internal static class JsonTexts
{
    /// <exception cref="JsonException">A name stands twice in an object; a name or a text is not valid UTF-8, or has half a character.</exception>
    public static void Check(JsonElement json) => Check(json, "$");

    private static void Check(JsonElement json, string path)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                Read(() => json.GetString(), path);
                break;
            case JsonValueKind.Array:
                foreach (var element in json.EnumerateArray())
                {
                    Check(element, path);
                }

                break;
            case JsonValueKind.Object:
                var names = new HashSet<string?>();
                foreach (var member in json.EnumerateObject())
                {
                    var name = Read(() => member.Name, path);
                    if (!names.Add(name))
                    {
                        throw new JsonException("must not stand twice", $"{path}.{name}", null, null);
                    }

                    Check(member.Value, $"{path}.{name}");
                }

                break;
        }
    }

    private static string? Read(Func<string?> text, string path)
    {
        try
        {
            return text();
        }
        catch (InvalidOperationException)
        {
            throw new JsonException("must be text in valid UTF-8, without half a character", path, null, null);
        }
    }
}
