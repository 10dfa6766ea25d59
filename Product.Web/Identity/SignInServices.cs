using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Product.Web.Api;
using Product.Web.Identity.OpenId;

namespace Product.Web.Identity;

/// <summary>
/// Signing in and out. The cookie says who the visitor is; what it is worth is judged by the API alone. In Development visitors say
/// themselves who they are; elsewhere an OpenID Connect provider does.
/// </summary>
public static class SignInServices
{
    public const string SignInPath = "/sign-in";
    public const string SignOutPath = "/sign-out";

    private static readonly TimeSpan CookieLifetime = TimeSpan.FromHours(8);

    public static void AddSignIn(this WebApplicationBuilder builder)
    {
        var authentication = builder.Services
            .AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(options =>
            {
                options.Cookie.Protect("product-web", SameSiteMode.Lax, builder.Environment);
                options.ExpireTimeSpan = CookieLifetime;
                options.LoginPath = SignInPath;
                options.AccessDeniedPath = SignInPath;
                options.ReturnUrlParameter = "returnUrl";
            });
        builder.Services.AddAntiforgery(options =>
            options.Cookie.Protect("product-web-antiforgery", SameSiteMode.Strict, builder.Environment));
        builder.AddKeyRing();
        builder.Services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddSingleton(TimeProvider.System);
        if (builder.Environment.IsDevelopment())
        {
            builder.Services.AddSingleton<IApiTokens, DevelopmentTokens>();
            builder.Services.AddHttpClient(DevelopmentTokens.HttpClientName, http => http.BaseAddress = ApiServices.Address);
        }
        else
        {
            builder.AddOpenIdSignIn(authentication);
        }
    }

    public static void MapSignInAndOut(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
        {
            app.MapOpenIdSignIn();
            return;
        }

        app.MapPost(SignOutPath, async (HttpContext context, IAntiforgery antiforgery) =>
        {
            if (context.User.Identity is not { IsAuthenticated: true })
            {
                return Results.LocalRedirect(SignInPath);
            }

            if (!await antiforgery.IsRequestValidAsync(context))
            {
                return Results.BadRequest();
            }

            await context.SignOutAsync();
            return Results.LocalRedirect(SignInPath);
        }).AllowAnonymous();
    }
}
