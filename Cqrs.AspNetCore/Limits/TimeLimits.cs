using Cqrs.AspNetCore.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Cqrs.AspNetCore.Limits;

/// <summary>
/// How long a request may take: then it is a 503, like any other store that does not answer. Nothing is left half done by it, because a
/// command is stored whole or not at all, and the stream does the rest.
/// </summary>
public static class TimeLimits
{
    /// <summary>For requests that do much, or wait for something.</summary>
    public const string Patient = "patient";

    private static readonly TimeSpan Default = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DefaultOfPatient = TimeSpan.FromMinutes(2);

    /// <summary>Configuration section <c>RequestTimeout</c>: <c>Default</c> and <c>Patient</c>.</summary>
    public static void AddTimeLimits(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection("RequestTimeout");
        builder.Services.AddRequestTimeouts(options =>
        {
            options.DefaultPolicy = PolicyOf(section.GetValue("Default", Default));
            options.AddPolicy(Patient, PolicyOf(section.GetValue("Patient", DefaultOfPatient)));
        });
    }

    /// <summary>
    /// Ends the time limit when an endpoint has its result, so that nothing cuts the answer off. A request whose time is up by then is a 503, even
    /// if the endpoint did not notice.
    /// </summary>
    public static RouteGroupBuilder AnswerInTime(this RouteGroupBuilder group) => group.AddEndpointFilter(async (context, next) =>
    {
        var result = await next(context);
        if (context.HttpContext.Features.Get<IHttpRequestTimeoutFeature>() is { } limit)
        {
            limit.RequestTimeoutToken.ThrowIfCancellationRequested();
            limit.DisableTimeout();
        }

        return result;
    });

    private static RequestTimeoutPolicy PolicyOf(TimeSpan timeout) => new()
    {
        Timeout = timeout,
        TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
        WriteTimeoutResponse = http =>
        {
            // The token that has run out would have the answer dropped.
            http.RequestAborted = CancellationToken.None;
            http.Response.Headers.RetryAfter = FaultHandler.RetryAfterSeconds;
            return Problems.Unavailable("The request took too long. What it was to write is stored whole or not at all; try again.").ExecuteAsync(http);
        },
    };
}
