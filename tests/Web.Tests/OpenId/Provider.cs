using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace WebTests.OpenId;

/// <summary>
/// An OpenID Connect provider where everybody is signed in already: the flow is the real one, with codes, PKCE, signed tokens and renewal. Its
/// access tokens are those that the stack's API takes.
/// </summary>
internal sealed class Provider : IAsyncDisposable
{
    private const string ClientId = "product-web";
    private const string Secret = "a secret of this test";

    private readonly RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = "1" };
    private readonly ConcurrentDictionary<string, (string Nonce, string Challenge)> codes = new();
    private readonly Func<bool, Task<string>> accessToken;
    private readonly WebApplication app;

    /// <param name="accessToken">Makes an access token; whether it is one that has expired.</param>
    public Provider(Func<bool, Task<string>> accessToken)
    {
        this.accessToken = accessToken;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = Address,
            authorization_endpoint = $"{Address}/authorize",
            token_endpoint = $"{Address}/token",
            end_session_endpoint = $"{Address}/logout",
            jwks_uri = $"{Address}/keys",
            response_types_supported = new[] { "code" },
            subject_types_supported = new[] { "public" },
            id_token_signing_alg_values_supported = new[] { "RS256" },
        }));
        app.MapGet("/keys", () =>
        {
            var parameters = key.Rsa.ExportParameters(false);
            var published = new
            {
                kty = "RSA",
                use = "sig",
                alg = "RS256",
                kid = key.KeyId,
                n = Base64UrlEncoder.Encode(parameters.Modulus),
                e = Base64UrlEncoder.Encode(parameters.Exponent),
            };
            return Results.Json(new { keys = new[] { published } });
        });
        app.MapGet("/authorize", Authorize);
        app.MapPost("/token", TokenAsync);
        // As the standard says it, and as Cognito wants it.
        app.MapGet("/logout", (HttpRequest request) => request.Query["client_id"] != ClientId || request.Query["logout_uri"] != request.Query["post_logout_redirect_uri"]
            ? Results.BadRequest()
            : Results.Redirect(QueryHelpers.AddQueryString(request.Query["post_logout_redirect_uri"]!, "state", request.Query["state"].ToString())));
    }

    public string Address => app.Urls.Single();

    public string? Tenant { get; set; }

    public int Renewals { get; private set; }

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Authentication__Schemes__OpenIdConnect__Authority"] = Address,
        ["Authentication__Schemes__OpenIdConnect__ClientId"] = ClientId,
        ["Authentication__Schemes__OpenIdConnect__ClientSecret"] = Secret,
        ["Authentication__Schemes__OpenIdConnect__RequireHttpsMetadata"] = "false",
    };

    public Task StartAsync() => app.StartAsync();

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private IResult Authorize(HttpRequest request)
    {
        var code = Guid.NewGuid().ToString("N");
        codes[code] = (request.Query["nonce"]!, request.Query["code_challenge"]!);
        return Results.Redirect(QueryHelpers.AddQueryString(
            request.Query["redirect_uri"]!, new Dictionary<string, string?> { ["code"] = code, ["state"] = request.Query["state"] }));
    }

    private async Task<IResult> TokenAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (form["client_id"] != ClientId || form["client_secret"] != Secret)
        {
            return Results.Unauthorized();
        }

        if (form["grant_type"] == "refresh_token")
        {
            Renewals++;
            return Results.Json(new { token_type = "Bearer", access_token = await accessToken(false), expires_in = 3600, refresh_token = "next" });
        }

        var verifier = SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()));
        if (!codes.TryRemove(form["code"]!, out var asked) || asked.Challenge != Base64UrlEncoder.Encode(verifier))
        {
            return Results.BadRequest(new { error = "invalid_grant" });
        }

        // Said to be good for an hour, but expired: the API refuses it, and it has to be renewed.
        return Results.Json(new
        {
            token_type = "Bearer",
            access_token = await accessToken(true),
            id_token = IdToken(asked.Nonce),
            expires_in = 3600,
            refresh_token = "first",
        });
    }

    private string IdToken(string nonce)
    {
        var claims = new Dictionary<string, object> { ["sub"] = "u-1", ["name"] = "Ann Other", ["nonce"] = nonce };
        if (Tenant is not null)
        {
            claims["custom:tenant"] = Tenant;
            claims["custom:roles"] = """[{"tenant":"","role":"auditor"}]""";
        }

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Address,
            Audience = ClientId,
            Claims = claims,
            Expires = DateTime.UtcNow.AddMinutes(5),
            SigningCredentials = new(key, SecurityAlgorithms.RsaSha256),
        });
    }
}
