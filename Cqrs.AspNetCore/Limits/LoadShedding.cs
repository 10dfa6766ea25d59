using Cqrs.AspNetCore.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Configuration;

namespace Cqrs.AspNetCore.Limits;

/// <summary>
/// Refuses at once what could only wait: beyond a number of requests in the host, a 503 that says when to come back. Under more load than it can take,
/// a host without it answers everybody late; with it, it answers as many as it can in good time, and is itself again as soon as the load is gone.
/// Configuration <c>RateLimit:RequestsAtOnce</c>, 0 is no limit.
/// </summary>
internal static class LoadShedding
{
    private const int DefaultAtOnce = 500;

    /// <summary>Call it after routing: long requests are limited by their kind, and how the host is must be told under any load.</summary>
    public static IApplicationBuilder UseLoadShedding(this WebApplication app)
    {
        var max = app.Configuration.GetValue("RateLimit:RequestsAtOnce", DefaultAtOnce);
        var running = 0;
        return app.Use(async (http, next) =>
        {
            if (max == 0 || !IsCounted(http))
            {
                await next(http);
                return;
            }

            try
            {
                if (Interlocked.Increment(ref running) <= max)
                {
                    await next(http);
                    return;
                }

                http.Response.Headers.RetryAfter = FaultHandler.RetryAfterSeconds;
                await Problems.Unavailable("The server has more requests than it can answer. Try again.").ExecuteAsync(http);
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        });
    }

    private static bool IsCounted(HttpContext http) =>
        http.GetEndpoint() is { } endpoint
        && endpoint.Metadata.GetMetadata<LongRequest>() is null
        && endpoint.Metadata.GetMetadata<DisableRateLimitingAttribute>() is null;
}
