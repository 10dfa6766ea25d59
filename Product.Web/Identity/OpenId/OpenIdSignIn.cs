using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Product.Web.Api;

namespace Product.Web.Identity.OpenId;

/// <summary>
/// Signing in with an OpenID Connect provider: authorization code with PKCE. Configuration section
/// <c>Authentication:Schemes:OpenIdConnect</c>, which the framework reads too.
/// </summary>
internal static class OpenIdSignIn
{
    public const string SectionName = "Authentication:Schemes:OpenIdConnect";

    private const string Scheme = OpenIdConnectDefaults.AuthenticationScheme;

    public static void AddOpenIdSignIn(this WebApplicationBuilder builder, AuthenticationBuilder authentication)
    {
        var section = builder.Configuration.GetSection(SectionName);
        if (string.IsNullOrEmpty(section["Authority"]) || string.IsNullOrEmpty(section["ClientId"]))
        {
            throw new InvalidOperationException(
                $"Outside Development, {SectionName}:Authority and {SectionName}:ClientId must name who signs people in.");
        }

        authentication.AddOpenIdConnect(options =>
        {
            options.ResponseType = OpenIdConnectResponseType.Code;
            // The answer comes as a link that is followed, so that strict cookies do.
            options.ResponseMode = OpenIdConnectResponseMode.Query;
            options.CorrelationCookie.SameSite = options.NonceCookie.SameSite = SameSiteMode.Lax;
            options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.Always;
            options.MapInboundClaims = false;
            options.Events.OnTokenValidated = AcceptAsync;
            options.Events.OnRedirectToIdentityProviderForSignOut = context =>
            {
                // Cognito goes by these; others pass over what they do not know.
                context.ProtocolMessage.ClientId = context.Options.ClientId;
                context.ProtocolMessage.SetParameter("logout_uri", context.ProtocolMessage.PostLogoutRedirectUri);
                return Task.CompletedTask;
            };
            options.Events.OnRemoteFailure = context =>
            {
                context.HandleResponse();
                context.Response.Redirect(SignInFailed.Path);
                return Task.CompletedTask;
            };
        });
        // A user without tokens is sent to the provider again, which mostly asks for no password.
        builder.Services.Configure<CookieAuthenticationOptions>(
            CookieAuthenticationDefaults.AuthenticationScheme,
            options => options.Events.OnValidatePrincipal = async context =>
            {
                if (!await Tokens(context.HttpContext).HasAsync(context.Principal!, context.HttpContext.RequestAborted))
                {
                    context.RejectPrincipal();
                }
            });
        builder.Services.AddDistributedMemoryCache();
        builder.Services.AddSingleton<OpenIdTokens>();
        builder.Services.AddSingleton<IApiTokens>(services => services.GetRequiredService<OpenIdTokens>());
        builder.Services.Configure<OpenIdTokenOptions>(section);
    }

    public static void MapOpenIdSignIn(this IEndpointRouteBuilder app)
    {
        // Every method, and before any page: the page of that address lets people say themselves who they are.
        app.Map(SignInServices.SignInPath, (string? returnUrl) => Results.Challenge(
                new() { RedirectUri = RedirectHttpResult.IsLocalUrl(returnUrl) ? returnUrl : "/products" }, [Scheme]))
            .AllowAnonymous().WithOrder(-1);
        app.MapPost(SignInServices.SignOutPath, SignOutAsync).AllowAnonymous();
    }

    private static OpenIdTokens Tokens(HttpContext context) => context.RequestServices.GetRequiredService<OpenIdTokens>();

    private static async Task AcceptAsync(TokenValidatedContext context)
    {
        if (OpenIdClaims.ToUser(context.Principal!) is not { } user)
        {
            context.Fail("The account has no tenant.");
            return;
        }

        var principal = user.ToPrincipal(CookieAuthenticationDefaults.AuthenticationScheme);
        await Tokens(context.HttpContext).StartAsync(principal, context.TokenEndpointResponse!, context.HttpContext.RequestAborted);
        context.Principal = principal;
    }

    private static async Task<IResult> SignOutAsync(
        HttpContext context, IAntiforgery antiforgery, OpenIdTokens tokens, IOptionsMonitor<OpenIdConnectOptions> options)
    {
        if (context.User.Identity is not { IsAuthenticated: true })
        {
            return Results.LocalRedirect(SignedOut.Path);
        }

        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return Results.BadRequest();
        }

        await tokens.EndAsync(context.User, context.RequestAborted);
        await context.SignOutAsync();
        // Not every provider has a way to sign out of it.
        var provider = await options.Get(Scheme).ConfigurationManager!.GetConfigurationAsync(context.RequestAborted);
        return string.IsNullOrEmpty(provider.EndSessionEndpoint)
            ? Results.LocalRedirect(SignedOut.Path)
            : Results.SignOut(new() { RedirectUri = SignedOut.Path }, [Scheme]);
    }
}
