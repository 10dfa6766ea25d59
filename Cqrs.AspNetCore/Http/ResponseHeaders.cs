using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Cqrs.AspNetCore.Http;

/// <summary>The headers of every answer, for browsers and caches.</summary>
internal static class ResponseHeaders
{
    /// <summary>A copy may be kept by the caller alone, and is asked about each time: what has an entity tag.</summary>
    public const string Revalidate = "private, no-cache";

    private const string KeepNothing = "no-store";

    public static void UseResponseHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        // When the answer starts: whoever answers for a fault clears what was set before.
        http.Response.OnStarting(
            static state =>
            {
                var http = (HttpContext)state;
                var headers = http.Response.Headers;
                headers.XContentTypeOptions = "nosniff";
                if (headers.CacheControl.Count == 0)
                {
                    headers.CacheControl = KeepNothing;
                }

                if (http.Response.StatusCode == StatusCodes.Status415UnsupportedMediaType && HttpMethods.IsPatch(http.Request.Method))
                {
                    // Routing refuses some of them before any endpoint is asked.
                    headers[ContentTypes.AcceptPatch] = string.Join(", ", ContentTypes.Patches);
                }

                return Task.CompletedTask;
            },
            http);
        return next(http);
    });
}
