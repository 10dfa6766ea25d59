using Cqrs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Modules.Identity;

namespace Modules.Http;

/// <summary>The group that a module's endpoints stand in, with the rules that hold for all of them.</summary>
public static class ModuleGroup
{
    public static RouteGroupBuilder MapModuleGroup(this IEndpointRouteBuilder app, string route, CqrsModule module)
    {
        var group = app.MapGroup(route).RequireAuthorization(TenantPolicy.Name).WithTags(module.Name);
        group.AddEndpointFilter(async (context, next) => CheckKey(context.HttpContext, module) ?? await next(context));
        group.AddEndpointFilter(JsonBodies.Check);
        // Bodies check themselves as they are read, so that bulk elements are judged by the same rules as single requests.
        group.DisableValidation();
        return group
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    // Whose tenant it is was settled by the policy; what is left is the form.
    private static IResult? CheckKey(HttpContext context, CqrsModule module)
    {
        var values = context.Request.RouteValues;
        if (values["pk"] is string pk && context.Features.Get<UserContext>() is { } user && pk != module.PkOf(user.TenantCode))
        {
            return Problems.Validation("pk", $"must be {module.PkOf(user.TenantCode)}");
        }

        return values["sk"] is string sk && Keys.CheckSk(sk) is { } problem ? Problems.Validation("sk", problem) : null;
    }
}
