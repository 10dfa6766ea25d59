using Microsoft.AspNetCore.Http;

namespace Cqrs.AspNetCore.Http;

/// <summary>Gives the problem details that the framework itself writes (no route, no token, wrong method) a <c>code</c> as well.</summary>
internal static class ProblemCodes
{
    /// <summary>Where a request keeps the code of the problem it will end in.</summary>
    public static readonly object ItemKey = new();

    public static void Customize(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        if (!problem.Extensions.ContainsKey("code"))
        {
            problem.Extensions["code"] = context.HttpContext.Items[ItemKey] ?? Default(problem.Status ?? 500);
        }
    }

    private static string Default(int status) => status switch
    {
        400 => "validation",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not-found",
        405 => "method-not-allowed",
        413 => "too-large",
        415 => "unsupported-media-type",
        429 => "too-many-requests",
        503 => "unavailable",
        _ => "error",
    };
}
