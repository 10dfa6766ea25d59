using Microsoft.AspNetCore.Authorization;

namespace Cqrs.AspNetCore.Identity;

/// <summary>Operations concern all tenants: only a system admin of all tenants may use them, whatever tenant the request is for.</summary>
public sealed class SystemAdminRequirement : IAuthorizationRequirement;

internal sealed class SystemAdminPolicy : AuthorizationHandler<SystemAdminRequirement>
{
    public const string Name = "system-admin";
    public const string Role = "system_admin";

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, SystemAdminRequirement requirement)
    {
        if (TenantResolver.GetUserId(context.User) is not null && TenantResolver.GetGlobalRoles(context.User).Contains(Role))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
