using System.Security.Claims;
using System.Text;
using System.Text.Json;

namespace Product.Web.Identity.OpenId;

/// <summary>Reads who somebody is from a provider's claims, which are those that the API goes by.</summary>
public static class OpenIdClaims
{
    private const string TenantClaim = "custom:tenant";
    private const string RolesClaim = "custom:roles";

    // The first that is there: what people call themselves.
    private static readonly string[] NameClaims = ["name", "preferred_username", "cognito:username", "email", "sub"];

    /// <summary>Null for an account without a tenant.</summary>
    public static SignedInUser? ToUser(ClaimsPrincipal principal)
    {
        // Lower-casing makes letters of a tenant code of some characters that may not stand in one.
        if (principal.FindFirstValue(TenantClaim) is not { Length: > 0 } claimed || !Ascii.IsValid(claimed))
        {
            return null;
        }

        var tenant = claimed.ToLowerInvariant();
        var name = NameClaims.Select(principal.FindFirstValue).First(value => !string.IsNullOrEmpty(value))!;
        var roles = ReadRoles(principal.FindFirstValue(RolesClaim));
        // Roles in the tenant count instead of those held everywhere, not beside them.
        return roles.FirstOrDefault(role => string.Equals(role.Tenant, tenant, StringComparison.OrdinalIgnoreCase)) is { } own
            ? new(name, tenant, own.Role, IsRoleGlobal: false)
            : roles.FirstOrDefault(role => string.IsNullOrEmpty(role.Tenant)) is { } everywhere
                ? new(name, tenant, everywhere.Role, IsRoleGlobal: true)
                : new(name, tenant, null, IsRoleGlobal: false);
    }

    private static List<TenantRole> ReadRoles(string? json)
    {
        try
        {
            return json is null ? [] : [.. (JsonSerializer.Deserialize<List<TenantRole?>>(json, JsonSerializerOptions.Web) ?? []).OfType<TenantRole>()];
        }
        catch (JsonException)
        {
            // Roles that cannot be read grant nothing.
            return [];
        }
    }

    private sealed record TenantRole(string? Tenant, string? Role);
}
