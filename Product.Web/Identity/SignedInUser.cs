using System.Security.Claims;

namespace Product.Web.Identity;

/// <summary>The signed-in user, with tenant and role, as the cookie carries them.</summary>
public sealed record SignedInUser(string Name, string Tenant, string? Role, bool IsRoleGlobal)
{
    private const string TenantClaim = "tenant";
    private const string GlobalRoleClaim = "global-role";
    private const string SystemAdmin = "system_admin";

    /// <summary>Gets the partition key of the tenant's products.</summary>
    public string ProductPk => $"PRODUCT#{Tenant}";

    /// <summary>Gets whether operations are for them: what the API then lets them do, it judges by itself.</summary>
    public bool IsOperator => Role == SystemAdmin && IsRoleGlobal;

    public static SignedInUser? From(ClaimsPrincipal principal) =>
        principal.Identity is { IsAuthenticated: true, Name: { } name } && principal.FindFirstValue(TenantClaim) is { } tenant
            ? new(name, tenant, principal.FindFirstValue(ClaimTypes.Role), principal.HasClaim(GlobalRoleClaim, bool.TrueString))
            : null;

    public ClaimsPrincipal ToPrincipal(string scheme)
    {
        var identity = new ClaimsIdentity(scheme);
        identity.AddClaim(new(ClaimTypes.Name, Name));
        identity.AddClaim(new(TenantClaim, Tenant));
        if (Role is not null)
        {
            identity.AddClaim(new(ClaimTypes.Role, Role));
            identity.AddClaim(new(GlobalRoleClaim, IsRoleGlobal.ToString()));
        }

        return new(identity);
    }
}
