using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ProductAspire.Local.Dashboard;

/// <summary>
/// The dashboard has no password: only this machine reaches it, and in its browser only the dashboard's own pages. A name of elsewhere that leads
/// here (DNS rebinding) is refused, and so is what a page of another origin sends.
/// </summary>
internal static class RequestGuard
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void UseRequestGuard(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (!IsOfThisMachine(context.Request.Host.Host) || (context.Request.Headers.Origin.Count > 0 && !IsFromOwnPage(context.Request)))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return next(context);
    });

    /// <summary>Browsers tell with every POST from which origin it comes.</summary>
    public static bool IsFromOwnPage(HttpRequest request) => request.Headers.Origin == $"{request.Scheme}://{request.Host}";

    private static bool IsOfThisMachine(string host) => host is "localhost" or "127.0.0.1" or "[::1]";
}
