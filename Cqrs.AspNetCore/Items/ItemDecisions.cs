using System.Text.Json.Nodes;
using Cqrs.Items;
using Cqrs.Publishing;
using Cqrs.Tables;

namespace Cqrs.AspNetCore.Items;

/// <summary>A module's business rules: what is proposed and the current state (null: none) to a command or a rejection. A pure function.</summary>
public delegate Decision Rules(CommandInput proposed, ItemModel? current);

/// <summary>Makes decisions of the requests on items, for any module: pure functions.</summary>
internal static class ItemDecisions
{
    /// <summary>Returns the item that a posted request is about. The sort key is made here if the caller gave none.</summary>
    public static ItemKey KeyOf(ItemRequest request, CqrsModule module, string tenant) =>
        new(module.PkOf(tenant), request.Sk ?? Keys.GenerateSk());

    /// <summary>Returns whether a request names another tenant: that is refused before anything else is said about it.</summary>
    public static bool NamesOtherTenant(ItemRequest request, string tenant) =>
        (request.TenantCode is { } code && Keys.IsTenantCode(code) && code != tenant)
        || NamesOtherTenant(request.Pk, tenant)
        || NamesOtherTenant(request.Id, tenant);

    /// <summary>Returns whether a key or id is of another tenant.</summary>
    public static bool NamesOtherTenant(string? key, string tenant) =>
        key?.Split(Keys.KeySeparator) is [_, var code, ..] && Keys.IsTenantCode(code) && code != tenant;

    /// <summary>Checks the members that may be sent but not chosen.</summary>
    public static List<FieldError> CheckDerived(ItemRequest request, ItemKey key, CqrsModule module, string tenant)
    {
        var errors = new List<FieldError>();
        MustEqual("pk", request.Pk, key.Pk);
        MustEqual("sk", request.Sk, key.Sk);
        MustEqual("id", request.Id, key.Id);
        MustEqual("tenantCode", request.TenantCode, tenant);
        MustEqual("type", request.Type, module.Type);
        return errors;

        void MustEqual(string field, string? given, string derived)
        {
            if (given is not null && given != derived)
            {
                errors.Add(new(field, $"must be {derived}"));
            }
        }
    }

    /// <summary>Returns the whole state, as posted.</summary>
    public static CommandInput Post(ItemRequest request, ItemKey key, CqrsModule module, string tenant) => new()
    {
        Key = key,
        HasChosenSk = request.Sk is not null,
        Code = request.Code,
        Name = request.Name ?? "",
        Version = request.Version ?? Keys.VersionFirst,
        TenantCode = tenant,
        Type = module.Type,
        Seq = request.Seq,
        Ttl = request.Ttl,
        IsDeleted = request.IsDeleted ?? false,
        Attributes = request.GetAttributes(),
    };

    /// <summary>Returns the current state with a merge patch applied. What the patch does not name stays, attributes of older code included.</summary>
    /// <param name="current">The current state.</param>
    /// <param name="request">The patch, read as a request.</param>
    /// <param name="patch">The patch, reduced to what the request knows: tells a null from an absence.</param>
    public static CommandInput Patch(ItemModel current, ItemRequest request, JsonObject patch) => Same(current) with
    {
        Name = patch.ContainsKey("name") ? request.Name ?? "" : current.Name,
        Code = patch.ContainsKey("code") ? request.Code ?? current.Key.Sk : current.Code,
        Seq = patch.ContainsKey("seq") ? request.Seq : current.Seq,
        Ttl = request.Ttl,
        ClearTtl = patch.ContainsKey("ttl") && request.Ttl is null,
        IsDeleted = patch.ContainsKey("isDeleted") ? request.IsDeleted ?? false : current.IsDeleted,
        Attributes = patch.ContainsKey("attributes")
            ? patch["attributes"] is null ? [] : (JsonObject)JsonContent.Merge(current.Attributes, patch["attributes"])!
            : current.Attributes,
    };

    /// <summary>Checks a patch, whatever it is applied to. A name that it does not touch was checked before.</summary>
    public static IReadOnlyList<FieldError> CheckPatch(
        ItemRequest request, JsonObject patch, ItemKey key, long version, CqrsModule module, string tenant) =>
        CommandService.Check(Post(request, key, module, tenant) with
        {
            Name = patch.ContainsKey("name") ? request.Name ?? "" : "as it is",
            Version = version,
        });

    public static CommandInput Delete(ItemModel current) => Same(current) with { IsDeleted = true };

    public static CommandInput Restore(ItemModel current) => Same(current) with { IsDeleted = false };

    /// <summary>Returns the content of an older version. An expiry that has passed since does not come back with it.</summary>
    public static CommandInput Rollback(ItemModel current, CommandModel to, DateTimeOffset now)
    {
        var ttl = to.IsExpired(now) ? null : to.Ttl;
        return Same(current) with
        {
            Name = to.Name,
            Code = to.Code,
            Seq = to.Seq,
            Ttl = ttl,
            ClearTtl = ttl is null,
            IsDeleted = to.IsDeleted,
            Attributes = to.Attributes,
        };
    }

    /// <summary>Returns a new item with the same content but the code, which is unique.</summary>
    public static CommandInput Duplicate(ItemModel original, ItemKey key) => Same(original) with
    {
        HasChosenSk = false,
        Key = key,
        Code = null,
        Version = Keys.VersionFirst,
        Ttl = original.Ttl,
        IsDeleted = false,
    };

    private static CommandInput Same(ItemModel current) => new()
    {
        Key = current.Key,
        Code = current.Code,
        Name = current.Name,
        Version = current.Version,
        TenantCode = current.TenantCode,
        Type = current.Type,
        Seq = current.Seq,
        IsDeleted = current.IsDeleted,
        Attributes = current.Attributes,
    };
}
