using Cqrs;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Modules.Http;

namespace Modules.Identity;

/// <summary>
/// The rule that every endpoint on tenants' items stands under: there is a tenant, and a key in the path is of that tenant. It answers
/// the same whether the item exists or not.
/// </summary>
public sealed class TenantRequirement : IAuthorizationRequirement;

internal sealed class TenantPolicy(TenantResolver tenants) : AuthorizationHandler<TenantRequirement>
{
    public const string Name = "tenant";

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

        http.Features.Set(user);
        context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
