using System.Security.Claims;
using System.Text.Json;
using Cqrs;
using Microsoft.Extensions.Options;

namespace Modules.Identity;

/// <summary>Which tenants and roles may be named by a header. Configuration section <c>Tenancy</c>.</summary>
public sealed class TenancyOptions
{
    /// <summary>Tenant codes that everybody may ask for by header.</summary>
    public IList<string> CommonTenantCodes { get; } = [];

    /// <summary>Roles that, held everywhere, may ask for any tenant by header.</summary>
    public IList<string> CrossTenantRoles { get; } = [];
}

/// <summary>Makes a <see cref="UserContext"/> of a verified token, with the claims that Cognito issues.</summary>
public sealed class TenantResolver(IOptions<TenancyOptions> options)
{
    public const string TenantClaim = "custom:tenant";
    public const string RolesClaim = "custom:roles";
    public const string TenantHeader = "x-tenant-code";

    /// <summary>The user and the tenant that the request is for, or null if there is no tenant or the user may not name it.</summary>
    public UserContext? GetUserContext(ClaimsPrincipal user, string? tenantHeader)
    {
        if (user.FindFirstValue("sub") is not { Length: > 0 } userId)
        {
            return null;
        }

        var roles = ReadRoles(user.FindFirstValue(RolesClaim));
        var globalRoles = GetGlobalRoles(user).ToList();
        var tenant = Normalize(user.FindFirstValue(TenantClaim)) ?? FromHeader(Normalize(tenantHeader), globalRoles);
        if (tenant is null || !Keys.IsTenantCode(tenant))
        {
            return null;
        }

        var tenantRoles = roles.Where(role => Normalize(role.Tenant) == tenant).Select(role => role.Role).OfType<string>().ToList();
        return new UserContext(userId, tenant, tenantRoles.Count > 0 ? tenantRoles : globalRoles);
    }

    /// <summary>The roles that a user holds everywhere.</summary>
    public static IEnumerable<string> GetGlobalRoles(ClaimsPrincipal user) =>
        ReadRoles(user.FindFirstValue(RolesClaim)).Where(role => string.IsNullOrEmpty(role.Tenant)).Select(role => role.Role).OfType<string>();

    private string? FromHeader(string? tenant, List<string> globalRoles) =>
        tenant is not null
        && (options.Value.CommonTenantCodes.DefaultIfEmpty("common").Contains(tenant)
            || options.Value.CrossTenantRoles.DefaultIfEmpty("system_admin").Intersect(globalRoles).Any())
            ? tenant
            : null;

    private static string? Normalize(string? tenant) => string.IsNullOrWhiteSpace(tenant) ? null : tenant.ToLowerInvariant();

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
