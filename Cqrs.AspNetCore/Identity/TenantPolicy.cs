using Cqrs.AspNetCore.Http;
using Cqrs.Items;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Cqrs.AspNetCore.Identity;

/// <summary>
/// The rule that every endpoint on tenants' items stands under: there is a tenant, a key in the path is of that tenant, and the user has one of
/// the roles, if it asks for any. It answers the same whether the item exists or not.
/// </summary>
public sealed class TenantRequirement(params string[] roles) : IAuthorizationRequirement
{
    /// <summary>One of them is enough; none: every member of the tenant.</summary>
    public IReadOnlyList<string> Roles => roles;
}

internal sealed class TenantPolicy(TenantResolver tenants) : AuthorizationHandler<TenantRequirement>
{
    /// <summary>The policy for every member of a tenant.</summary>
    public const string Name = "tenant";

    /// <summary>The policy for the admins of a tenant.</summary>
    public const string Admins = "tenant-admin";

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, TenantRequirement requirement)
    {
        if (context.Resource is not HttpContext http)
        {
            return Task.CompletedTask;
        }

        if (tenants.GetUserContext(context.User, http.Request.Headers[TenantResolver.TenantHeader]) is not { } user)
        {
            return Task.CompletedTask;
        }

        if (http.Request.RouteValues["pk"] is string pk && Keys.GetTenantCode(pk) is { } tenant && tenant != user.TenantCode)
        {
            http.Items[ProblemCodes.ItemKey] = "tenant-mismatch";
            return Task.CompletedTask;
        }

        if (requirement.Roles.Count > 0 && !requirement.Roles.Intersect(user.TenantRoles).Any())
        {
            return Task.CompletedTask;
        }

        http.Features.Set(user);
        context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
