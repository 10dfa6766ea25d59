using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace StackTests.Security;

/// <summary>Issues tokens as an identity provider does: signed with RSA, with the public key where OpenID Connect says.</summary>
internal sealed class Issuer : IAsyncDisposable
{
    public const string Audience = "product-api-of-the-test";

    private const string KeyId = "one";

    private readonly RSA _key = RSA.Create(2048);
    private readonly WebApplication _app;

    private Issuer(WebApplication app) => _app = app;

    public string Authority => _app.Urls.Single();

    public string PublicKeyPem => _key.ExportSubjectPublicKeyInfoPem();

    public byte[] PublicKeyDer => _key.ExportSubjectPublicKeyInfo();

    public static async Task<Issuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var issuer = new Issuer(app);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = issuer.Authority, jwks_uri = $"{issuer.Authority}/keys" }));
        app.MapGet("/keys", () => Results.Text(issuer.PublishedKeys(), "application/json"));
        await app.StartAsync();
        return issuer;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    /// <summary>What a good token of a tenant says; with some of it changed, or left out (null).</summary>
    public string Payload(string tenant, params (string Name, string? Json)[] changes)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, string?>
        {
            ["iss"] = $"\"{Authority}\"",
            ["aud"] = $"\"{Audience}\"",
            ["sub"] = "\"anna\"",
            ["custom:tenant"] = $"\"{tenant}\"",
            ["nbf"] = $"{now - 60}",
            ["iat"] = $"{now - 60}",
            ["exp"] = $"{now + 3600}",
        };
        foreach (var (name, json) in changes)
        {
            claims[name] = json;
        }

        return $"{{{string.Join(",", claims.Where(claim => claim.Value is not null).Select(claim => $"\"{claim.Key}\":{claim.Value}"))}}}";
    }

    public string Token(string tenant, params (string Name, string? Json)[] changes) => Sign(Payload(tenant, changes));

    public string Sign(string payload, RSA? key = null, params (string Name, JsonNode? Value)[] header)
    {
        var signed = $"{Header("RS256", header)}.{Encode(payload)}";
        return $"{signed}.{Base64Url.EncodeToString((key ?? _key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>Signed with a secret, which none of this issuer's tokens is.</summary>
    public static string SignWithSecret(string payload, byte[] secret)
    {
        var signed = $"{Header("HS256")}.{Encode(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    public static string Unsigned(string payload, string algorithm) => $"{Header(algorithm)}.{Encode(payload)}.";

    public string PublishedKeys(RSA? key = null) => new JsonObject { ["keys"] = new JsonArray(Jwk(key ?? _key)) }.ToJsonString();

    public static JsonObject Jwk(RSA key)
    {
        var parameters = key.ExportParameters(false);
        return new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["alg"] = "RS256",
            ["kid"] = KeyId,
            ["n"] = Base64Url.EncodeToString(parameters.Modulus),
            ["e"] = Base64Url.EncodeToString(parameters.Exponent),
        };
    }

    private static string Header(string algorithm, params (string Name, JsonNode? Value)[] more)
    {
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = KeyId };
        foreach (var (name, value) in more)
        {
            header[name] = value;
        }

        return Encode(header.ToJsonString());
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
