using Cqrs;

namespace Modules.Products;

/// <summary>The business rules of products: pure functions from a request to a command, or to why there is none.</summary>
internal static class ProductDecisions
{
    /// <summary>What posting a product means. The sort key is made here if the caller gave none.</summary>
    public static Decision Publish(ProductRequest request, string tenant)
    {
        var sk = request.Sk ?? Keys.GenerateSk();
        var key = new ItemKey(ProductModule.Kernel.PkOf(tenant), sk);
        var errors = new List<FieldError>();
        MustEqual(errors, "pk", request.Pk, key.Pk);
        MustEqual(errors, "id", request.Id, key.Id);
        MustEqual(errors, "tenantCode", request.TenantCode, tenant);
        MustEqual(errors, "type", request.Type, ProductModule.Kernel.Type);
        if (errors.Count > 0)
        {
            return new Decision.Reject(errors);
        }

        return new Decision.Publish(new CommandInput
        {
            Key = key,
            Code = request.Code,
            Name = request.Name!,
            Version = request.Version ?? Keys.VersionFirst,
            TenantCode = tenant,
            Type = ProductModule.Kernel.Type,
            Seq = request.Seq,
            Ttl = request.Ttl,
            IsDeleted = request.IsDeleted ?? false,
            Attributes = request.Attributes?.ToJson() ?? [],
        });
    }

    /// <summary>Whether a request names another tenant: that is refused before anything else is said about it.</summary>
    public static bool NamesOtherTenant(ProductRequest request, string tenant) =>
        (request.TenantCode is { } code && Keys.IsTenantCode(code) && code != tenant)
        || IsOther(request.Pk, tenant)
        || IsOther(request.Id, tenant);

    private static bool IsOther(string? key, string tenant) =>
        key?.Split(Keys.KeySeparator) is [_, var code, ..] && Keys.IsTenantCode(code) && code != tenant;

    private static void MustEqual(List<FieldError> errors, string field, string? given, string derived)
    {
        if (given is not null && given != derived)
        {
            errors.Add(new(field, $"must be {derived}"));
        }
    }
}
