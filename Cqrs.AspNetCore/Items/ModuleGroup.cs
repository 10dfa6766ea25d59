using Cqrs.AspNetCore.Events;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Jobs;
using Cqrs.AspNetCore.Limits;
using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cqrs.AspNetCore.Items;

/// <summary>The group that a module's endpoints stand in, with the rules that hold for all of them.</summary>
public static class ModuleGroup
{
    /// <summary>Maps everything that works the same in every module. What is left to the module is its search.</summary>
    /// <typeparam name="TRequest">The request that the module's items are posted with.</typeparam>
    public static RouteGroupBuilder MapItems<TRequest>(this IEndpointRouteBuilder app, string route, CqrsModule module, Rules rules)
        where TRequest : ItemRequest
    {
        var group = app.MapGroup(route).RequireAuthorization(TenantPolicy.Name).WithTags(module.Name).AnswerInTime();
        group.AddEndpointFilter(async (context, next) => CheckRequest(context.HttpContext, module) ?? await next(context));
        group.AddEndpointFilter(JsonBodies.Check);
        // Bodies check themselves as they are read, so that bulk elements are judged by the same rules as single requests.
        group.DisableValidation();
        group
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        var items = ItemServices.Of(app.ServiceProvider, module, route);
        new PublishEndpoints<TRequest>(items, rules).Map(group);
        new ReadEndpoints(items).Map(group);
        new ChangeEndpoints<TRequest>(items, rules).Map(group);
        group.MapResync(module);
        group.MapCommandEvents(module);
        return group;
    }

    // Whose tenant a key is was settled by the policy; what is left is the form.
    private static IResult? CheckRequest(HttpContext context, CqrsModule module)
    {
        if (ContentTypes.CheckEncoding(context.Request) is { } encoded)
        {
            return encoded;
        }

        if ((IdempotencyHeader.Check(context.Request, IdempotencyHeader.Name)
            ?? IdempotencyHeader.Check(context.Request, Caller.RequestIdHeader)) is { } error)
        {
            return Problems.Validation([error]);
        }

        var values = context.Request.RouteValues;
        if (values["pk"] is string pk && context.Features.Get<UserContext>() is { } user && pk != module.PkOf(user.TenantCode))
        {
            return Problems.Validation("pk", $"must be {module.PkOf(user.TenantCode)}");
        }

        return values["sk"] is string sk && Keys.CheckSk(sk) is { } problem ? Problems.Validation("sk", problem) : null;
    }
}
