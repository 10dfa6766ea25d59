namespace Product.Web;

internal static class SecurityHeaders
{
    /// <summary>No other site may show these pages in a frame.</summary>
    public const string FrameAncestors = "'none'";

    // Nothing is loaded from elsewhere, and no script stands in a page. Styles may: the components set them on their elements.
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + $"base-uri 'self'; form-action 'self'; object-src 'none'; frame-ancestors {FrameAncestors}";

    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        return next(context);
    });
}
