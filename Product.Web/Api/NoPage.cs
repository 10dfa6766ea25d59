using Microsoft.AspNetCore.Mvc;

namespace Product.Web.Api;

internal static class NoPage
{
    /// <summary>Marks addresses that scripts and downloads ask for: a refusal is a status, not a page to be shown or a file to be saved.</summary>
    public static void IsNoPage(this RouteHandlerBuilder endpoint) =>
        endpoint.DisableCookieRedirect().WithMetadata(new SkipStatusCodePagesAttribute());
}
