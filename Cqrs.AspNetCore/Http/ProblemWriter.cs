using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Cqrs.AspNetCore.Http;

/// <summary>
/// Writes problem details also for requests that do not accept JSON, such as those for a file or a stream. The framework's own writer would send no body.
/// </summary>
internal sealed class ProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        // The framework's writer comes first, and looks at this header alone.
        context.HttpContext.Request.Headers.Accept = "application/problem+json";
        return context.HttpContext.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(context);
    }
}
