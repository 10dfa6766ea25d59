namespace Product.Web.Identity;

/// <summary>How the cookies of this site are kept: from scripts and other sites, and outside Development from plain HTTP and other hosts too.</summary>
public static class SiteCookies
{
    public static void Protect(this CookieBuilder cookie, string name, SameSiteMode sameSite, IHostEnvironment environment)
    {
        // Browsers take a cookie with this prefix only by HTTPS, and for this host alone.
        cookie.Name = environment.IsDevelopment() ? name : $"__Host-{name}";
        cookie.SecurePolicy = environment.IsDevelopment() ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        cookie.Path = "/";
        cookie.HttpOnly = true;
        cookie.SameSite = sameSite;
    }
}
