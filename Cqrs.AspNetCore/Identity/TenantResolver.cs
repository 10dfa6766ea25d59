using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Cqrs.Items;
using Microsoft.Extensions.Options;

namespace Cqrs.AspNetCore.Identity;

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
    public const string UserClaim = "sub";
    public const string TenantClaim = "custom:tenant";
    public const string RolesClaim = "custom:roles";
    public const string TenantHeader = "x-tenant-code";

    // The limit of OpenID Connect. Longer ones would not fit into a key.
    private const int MaxUserIdBytes = 255;

    // A name that stands twice is not guessed at, in whatever case.
    private static readonly JsonSerializerOptions RolesJson = new(JsonSerializerOptions.Web) { AllowDuplicateProperties = false };

    /// <summary>Returns the user and the tenant that the request is for, or null if there is no tenant or the user may not name it.</summary>
    public UserContext? GetUserContext(ClaimsPrincipal user, string? tenantHeader)
    {
        if (GetUserId(user) is not { } userId || !TryReadText(user, TenantClaim, out var claimed))
        {
            return null;
        }

        var roles = ReadRoles(user);
        var globalRoles = GetGlobalRoles(user).ToList();
        var tenant = string.IsNullOrEmpty(claimed) ? FromHeader(CodeOf(tenantHeader), globalRoles) : CodeOf(claimed);
        if (tenant is null)
        {
            return null;
        }

        var tenantRoles = roles.Where(role => CodeOf(role.Tenant) == tenant).Select(role => role.Role).OfType<string>().ToList();
        return new UserContext(userId, tenant, tenantRoles.Count > 0 ? tenantRoles : globalRoles);
    }

    /// <summary>Returns the subject of the token, or null if it has none in a form that can be a key.</summary>
    public static string? GetUserId(ClaimsPrincipal user) =>
        TryReadText(user, UserClaim, out var id)
        && id is not null
        && Keys.CheckText(id, MaxUserIdBytes) is null
        && Encoding.UTF8.GetByteCount(id) <= MaxUserIdBytes
        && !id.Any(char.IsControl)
            ? id
            : null;

    /// <summary>Returns the roles that a user holds everywhere.</summary>
    public static IEnumerable<string> GetGlobalRoles(ClaimsPrincipal user) =>
        ReadRoles(user).Where(role => string.IsNullOrEmpty(role.Tenant)).Select(role => role.Role).OfType<string>();

    private string? FromHeader(string? tenant, List<string> globalRoles) =>
        tenant is not null
        && (options.Value.CommonTenantCodes.DefaultIfEmpty("common").Contains(tenant)
            || options.Value.CrossTenantRoles.DefaultIfEmpty("system_admin").Intersect(globalRoles).Any())
            ? tenant
            : null;

    private static string? CodeOf(string? tenant) => Keys.ToTenantCode(tenant ?? "");

    // A claim that stands there twice, or is a number, a list or an object, is refused, not guessed at.
    private static bool TryReadText(ClaimsPrincipal user, string claim, out string? text)
    {
        var found = user.FindAll(claim).ToList();
        text = found is [{ ValueType: ClaimValueTypes.String, Value: var value }] ? value : null;
        return text is not null || found.Count == 0;
    }

    // Roles that cannot be read grant nothing.
    private static List<TenantRole> ReadRoles(ClaimsPrincipal user)
    {
        if (!TryReadText(user, RolesClaim, out var json) || json is null)
        {
            return [];
        }

        try
        {
            return [.. (JsonSerializer.Deserialize<List<TenantRole?>>(json, RolesJson) ?? []).OfType<TenantRole>()];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private sealed record TenantRole(string? Tenant, string? Role);
}
