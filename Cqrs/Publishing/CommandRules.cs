using System.Text.Json;
using System.Text.Json.Nodes;
using Cqrs.Items;

namespace Cqrs.Publishing;

/// <summary>The rules that every command keeps, whatever its module.</summary>
internal static class CommandRules
{
    private const int MaxNameCharacters = 500;

    /// <summary>Checks the key and the version that a caller names; returns the errors.</summary>
    public static List<FieldError> Check(ItemKey key, long version)
    {
        var errors = new List<FieldError>();
        Add(errors, "sk", Keys.CheckSk(key.Sk));
        if (version < Keys.VersionLatest)
        {
            errors.Add(new("version", "must be a version, 0 (create) or -1 (newest)"));
        }

        return errors;
    }

    /// <summary>Checks an input, whatever the state of its item; returns the errors.</summary>
    public static List<FieldError> Check(CommandInput input)
    {
        var errors = Check(input.Key, input.Version);
        Add(errors, "name", Keys.CheckText(input.Name, MaxNameCharacters));

        if (!Keys.IsTenantCode(input.TenantCode))
        {
            errors.Add(new("tenantCode", "must be 1 to 64 of a-z, 0-9, '_' and '-'"));
        }
        else if (input.Key.Pk != Keys.GeneratePk(input.Type, input.TenantCode))
        {
            errors.Add(new("pk", $"must be {Keys.GeneratePk(input.Type, input.TenantCode)}"));
        }

        if (input.Code is { } code)
        {
            Add(errors, "code", Keys.CheckCode(code)
                ?? (Keys.IsUlid(code) && code != input.Key.Sk ? "must not have the form of a ULID unless it is the item's own sk" : null));
        }

        if (input.Ttl is < 0 or > CommandInput.MaxTtl)
        {
            errors.Add(new("ttl", $"must be a time in seconds since 1970, at most {CommandInput.MaxTtl}"));
        }

        CheckValue(errors, "attributes", input.Attributes, Nesting.MaxAttributeLevels);
        return errors;
    }

    private static void CheckValue(List<FieldError> errors, string field, JsonNode? value, int levelsLeft)
    {
        if (levelsLeft == 0)
        {
            errors.Add(new(field, "is nested too deeply"));
            return;
        }

        switch (value)
        {
            case JsonObject members:
                foreach (var (name, member) in members)
                {
                    Add(errors, field, name.Length == 0 ? "has an empty name" : Keys.CheckCharacters(name, out _));
                    CheckValue(errors, $"{field}.{name}", member, levelsLeft - 1);
                }

                break;
            case JsonArray elements:
                for (var i = 0; i < elements.Count; i++)
                {
                    CheckValue(errors, $"{field}[{i}]", elements[i], levelsLeft - 1);
                }

                break;
            case JsonValue when value.GetValueKind() == JsonValueKind.String:
                Add(errors, field, Keys.CheckCharacters(value.GetValue<string>(), out _));
                break;
            case JsonValue when value.GetValueKind() == JsonValueKind.Number:
                Add(errors, field, JsonContent.ToExactDecimal(value.ToJsonString()) is null
                    ? "must be a number of at most 28 significant digits" : null);
                break;
        }
    }

    private static void Add(List<FieldError> errors, string field, string? message)
    {
        if (message is not null)
        {
            errors.Add(new(field, message));
        }
    }
}
