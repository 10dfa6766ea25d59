using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Cqrs.AspNetCore.Http;

/// <summary>
/// Writes the problems of requests that accept no JSON, such as those for a file or a stream: the framework's own writer leaves these without a
/// body, and what is wrong is told whatever was asked for.
/// </summary>
internal sealed class ProblemsForAll : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        // Nothing but this header keeps the framework's writer, which comes first, from it.
        context.HttpContext.Request.Headers.Accept = "application/problem+json";
        return context.HttpContext.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(context);
    }
}
