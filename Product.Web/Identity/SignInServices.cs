using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Product.Web.Api;

namespace Product.Web.Identity;

/// <summary>Signing in and out. The cookie says who the visitor is; what it is worth is judged by the API alone.</summary>
public static class SignInServices
{
    public const string SignInPath = "/sign-in";
    public const string SignOutPath = "/sign-out";

    private static readonly TimeSpan CookieLifetime = TimeSpan.FromHours(8);

    public static void AddSignIn(this WebApplicationBuilder builder)
    {
        if (!builder.Environment.IsDevelopment())
        {
            throw new InvalidOperationException(
                "Visitors say themselves who they are, which is for development only. There is no other sign-in yet: run in Development.");
        }

        builder.Services
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
        builder.Services.AddSingleton<IApiTokens, DevelopmentTokens>();
        builder.Services.AddHttpClient(DevelopmentTokens.HttpClientName, http => http.BaseAddress = ApiServices.Address);
    }

    public static void MapSignOut(this IEndpointRouteBuilder app) =>
        app.MapPost(SignOutPath, async (HttpContext context, IAntiforgery antiforgery) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context))
            {
                return Results.BadRequest();
            }

            await context.SignOutAsync();
            return Results.LocalRedirect(SignInPath);
        }).AllowAnonymous();
}
