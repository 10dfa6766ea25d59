using Product.Web.Identity.OpenId;

namespace Product.Web;

internal static class SecurityHeaders
{
    /// <summary>No other site may show these pages in a frame.</summary>
    public const string FrameAncestors = "'none'";

    // Nothing is loaded from elsewhere, and no script stands in a page. Styles may: the components set them on their elements.
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + $"base-uri 'self'; form-action 'self'; object-src 'none'; frame-ancestors {FrameAncestors}";

    public static void UseSecurityHeaders(this WebApplication app)
    {
        // Signing out posts a form, which leads on to whoever signs people in.
        var provider = app.Configuration[$"{OpenIdSignIn.SectionName}:Authority"];
        var policy = Uri.TryCreate(provider, UriKind.Absolute, out var authority)
            ? ContentSecurityPolicy.Replace("form-action 'self'", $"form-action 'self' https: {authority.GetLeftPart(UriPartial.Authority)}", StringComparison.Ordinal)
            : ContentSecurityPolicy;
        app.Use((context, next) => AddAsync(context, next, policy));
    }

    private static Task AddAsync(HttpContext context, RequestDelegate next, string policy)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        return next(context);
    }
}
