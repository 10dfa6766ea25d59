using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Cqrs.AspNetCore.Identity;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace StackTests.Security;

/// <summary>Tokens of an identity provider, as outside Development. Conformance 42.</summary>
public sealed class TokenTests(ProductionApi production) : IClassFixture<ProductionApi>
{
    [Fact]
    public async Task A_token_of_the_identity_provider_is_taken()
    {
        var client = production.Client();

        (await client.PostAsync(new { sk = "a", name = "Chair" })).Is(HttpStatusCode.Created);

        Assert.Equal("anna", (await client.GetAsync("a")).Is(HttpStatusCode.OK).At("createdBy")!.GetValue<string>());
    }

    [Fact]
    public async Task A_token_with_another_signature_than_the_identity_providers_is_refused()
    {
        var issuer = production.Issuer;
        var tenant = Stack.NewTenant();
        var payload = issuer.Payload(tenant);
        using var stranger = RSA.Create(2048);
        var good = issuer.Sign(payload).Split('.');

        foreach (var (what, token) in new[]
        {
            ("alg none", Issuer.Unsigned(payload, "none")),
            ("alg NONE", Issuer.Unsigned(payload, "NONE")),
            ("no signature", $"{good[0]}.{good[1]}."),
            ("two parts", $"{good[0]}.{good[1]}"),
            ("the public key as a secret, as text", Issuer.SignWithSecret(payload, Encoding.ASCII.GetBytes(issuer.PublicKeyPem))),
            ("the public key as a secret, as bytes", Issuer.SignWithSecret(payload, issuer.PublicKeyDer)),
            ("the published keys as a secret", Issuer.SignWithSecret(payload, Encoding.ASCII.GetBytes(issuer.PublishedKeys()))),
            ("an empty secret", Issuer.SignWithSecret(payload, [])),
            ("the key of the tokens for development", Issuer.SignWithSecret(payload, DevTokens.SigningKey.Key)),
            ("a token for development", DevTokens.Create("anna", tenant, null, false, null)),
            ("another key under the same id", issuer.Sign(payload, stranger)),
            ("another key that comes along", issuer.Sign(payload, stranger, ("jwk", Issuer.Jwk(stranger)))),
            ("another key to be fetched", issuer.Sign(payload, stranger, ("jku", issuer.Authority + "/keys"), ("kid", "other"))),
            ("an algorithm that is none", Issuer.Unsigned(payload, "XS256")),
            ("an encrypted one", "a.b.c.d.e"),
            ("no token at all", "x"),
            ("much of nothing", new string('a', 8000)),
        })
        {
            var answer = await production.Api.Client(tenant, token).ListAsync();
            Assert.True(answer.Status == HttpStatusCode.Unauthorized, $"{what}: {answer}");
            // What is wrong with it is nobody's business, and what it says is no text for a header.
            Assert.Equal("Bearer error=\"invalid_token\"", Assert.Single(answer.Response.Headers.WwwAuthenticate).ToString());
            answer.IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
        }
    }

    [Theory]
    [InlineData("iss", "\"https://issuer.example\"")]
    [InlineData("iss", null)]
    [InlineData("iss", "7")]
    [InlineData("iss", "[\"a\",\"b\"]")]
    [InlineData("iss", "\"line\\r\\nbreak \\u00e4\"")]
    [InlineData("aud", "\"another-api\"")]
    [InlineData("aud", null)]
    [InlineData("aud", "[]")]
    [InlineData("aud", "{\"a\":\"product-api-of-the-test\"}")]
    [InlineData("aud", "\"line\\r\\nbreak \\u00e4\"")]
    [InlineData("exp", null)]
    [InlineData("exp", "0")]
    [InlineData("exp", "-1")]
    [InlineData("exp", "1700000000")]
    [InlineData("exp", "\"tomorrow\"")]
    [InlineData("exp", "null")]
    [InlineData("exp", "[4102444800]")]
    [InlineData("exp", "{}")]
    [InlineData("nbf", "4102444800")]
    [InlineData("nbf", "9223372036854775807")]
    public async Task A_token_for_another_issuer_audience_or_time_is_refused(string claim, string? json)
    {
        (await production.Client(null, (claim, json)).ListAsync()).IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    // Signed by whom we trust, and yet not what is agreed: a refusal, never an error of ours.
    [Theory]
    [InlineData("sub", null)]
    [InlineData("sub", "\"\"")]
    [InlineData("sub", "null")]
    [InlineData("sub", "true")]
    [InlineData("sub", "{\"a\":1}")]
    [InlineData("sub", "[\"anna\",\"root\"]")]
    [InlineData("sub", "\"a\\nb\"")]
    [InlineData("sub", "\"a\\u0000b\"")]
    [InlineData("sub", "\"{256}\"")]
    [InlineData("sub", "\"{3000}\"")]
    [InlineData("custom:tenant", null)]
    [InlineData("custom:tenant", "\"\"")]
    [InlineData("custom:tenant", "7")]
    [InlineData("custom:tenant", "true")]
    [InlineData("custom:tenant", "{\"tenant\":\"acme\"}")]
    [InlineData("custom:tenant", "[\"acme\",\"other\"]")]
    [InlineData("custom:tenant", "[[\"acme\"]]")]
    [InlineData("custom:tenant", "\"a#b\"")]
    [InlineData("custom:tenant", "\"a\\u0000b\"")]
    [InlineData("custom:tenant", "\"{65}\"")]
    [InlineData("custom:tenant", "\" \"")]
    [InlineData("custom:tenant", "\"acme \"")]
    // The Kelvin sign, which is a k when it is lower-cased, and others like it.
    [InlineData("custom:tenant", "\"\\u212Aelvin\"")]
    [InlineData("custom:tenant", "\"\u212A\"")]
    [InlineData("custom:tenant", "\"\\u0130stanbul\"")]
    [InlineData("custom:tenant", "\"\\uFF21\"")]
    [InlineData("custom:tenant", "\"acme\\u00AD\"")]
    public async Task A_token_without_a_user_or_a_tenant_that_can_be_one_is_refused(string claim, string? json)
    {
        var token = production.Issuer.Token(Stack.NewTenant(), (claim, Expand(json)));

        // The header must not take the place of a claim that is there and odd.
        var answer = await production.Api.Client("acme", token).SendAsync(HttpMethod.Get, "/api/product/data", null, ("x-tenant-code", "acme"));

        Assert.True(answer.Status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized, answer.ToString());
        answer.IsProblem(answer.Status, answer.Status == HttpStatusCode.Forbidden ? "forbidden" : "unauthorized");
    }

    // The library hands a number on as text.
    [Theory]
    [InlineData("sub", "7")]
    [InlineData("sub", "7.0")]
    [InlineData("sub", "true")]
    [InlineData("sub", "null")]
    [InlineData("sub", "\"root\",\"sub\":\"anna\"")]
    [InlineData("custom:tenant", "\"other\",\"custom:tenant\":\"acme\"")]
    public async Task A_token_whose_user_is_no_text_or_that_says_something_twice_is_not_taken(string claim, string json)
    {
        (await production.Client(null, (claim, json)).ListAsync()).IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    // RFC 7515, section 4.1.11.
    [Theory]
    [InlineData("[\"b64\"]")]
    [InlineData("[\"exp\"]")]
    [InlineData("[\"urn:example:unknown\"]")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"b64\"")]
    public async Task A_token_that_asks_for_an_extension_to_be_understood_is_not_taken(string critical)
    {
        var tenant = Stack.NewTenant();
        var issuer = production.Issuer;
        var token = issuer.Sign(issuer.Payload(tenant), null, ("crit", JsonNode.Parse(critical)), ("urn:example:unknown", true));
        var plain = issuer.Sign(issuer.Payload(tenant), null, ("urn:example:unknown", true));

        (await production.Api.Client(tenant, plain).ListAsync()).Is(HttpStatusCode.OK);
        (await production.Api.Client(tenant, token).ListAsync()).IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Theory]
    [InlineData("\"not JSON\"")]
    [InlineData("\"[[[{}]]]\"")]
    [InlineData("\"[{\\\"tenant\\\":\\\"\\\",\\\"role\\\":[\\\"system_admin\\\"]}]\"")]
    [InlineData("\"[{\\\"tenant\\\":\\\"\\\",\\\"role\\\":{\\\"name\\\":\\\"system_admin\\\"}}]\"")]
    [InlineData("\"[{\\\"tenant\\\":\\\"\\\",\\\"role\\\":\\\"SYSTEM_ADMIN\\\"}]\"")]
    [InlineData("\"[{\\\"tenant\\\":\\\"\\\",\\\"role\\\":\\\"System_admin\\\"}]\"")]
    [InlineData("\"[{\\\"tenant\\\":\\\"\\\",\\\"role\\\":\\\"system_admin \\\"}]\"")]
    [InlineData("\"[{\\\"tenant\\\":\\\"other\\\",\\\"role\\\":\\\"system_admin\\\"}]\"")]
    [InlineData("\"[{\\\"tenant\\\":\\\"\\\",\\\"role\\\":\\\"\\\\ud800\\\"}]\"")]
    [InlineData("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"")]
    [InlineData("{\"tenant\":\"\",\"role\":\"system_admin\"}")]
    [InlineData("[{\"tenant\":\"\",\"role\":\"system_admin\"},{\"tenant\":\"\",\"role\":\"admin\"}]")]
    [InlineData("7")]
    [InlineData("null")]
    public async Task Roles_that_are_not_what_is_agreed_grant_nothing(string roles)
    {
        var client = production.Client(null, ("custom:roles", roles));
        (await client.PostAsync(new { sk = "a", name = "Chair" })).Is(HttpStatusCode.Created);

        (await client.ActAsync("a", "purge")).IsProblem(HttpStatusCode.Forbidden, "forbidden");
        (await client.SendAsync(HttpMethod.Get, "/api/ops/parked")).IsProblem(HttpStatusCode.Forbidden, "forbidden");
        (await client.GetAsync("a")).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("exp", "9223372036854775807")]
    [InlineData("exp", "1e300")]
    [InlineData("exp", "123456789012345678901234567890")]
    [InlineData("exp", "1.5")]
    [InlineData("nbf", "-9223372036854775808")]
    [InlineData("nbf", "\"x\"")]
    [InlineData("iat", "\"x\"")]
    [InlineData("custom:roles", "{\"a\":{\"b\":{\"c\":[1,2,{\"d\":null}]}}}")]
    [InlineData("more", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")]
    public async Task Numbers_and_depths_that_no_token_has_are_never_an_error_of_the_server(string claim, string json)
    {
        var answer = await production.Client(null, (claim, json)).ListAsync();

        Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Unauthorized, answer.ToString());
    }

    // What no token can show: that these hold whatever the configuration leaves out.
    [Fact]
    public void Everything_about_a_token_is_verified()
    {
        var rules = production.Api.Services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>().Get("Bearer").TokenValidationParameters;

        Assert.True(
            rules is
            {
                ValidateIssuer: true, ValidateAudience: true, ValidateLifetime: true,
                RequireExpirationTime: true, RequireSignedTokens: true, RequireAudience: true,
            });
        Assert.DoesNotContain(rules.ValidAlgorithms, algorithm => algorithm == "none" || algorithm.StartsWith("HS", StringComparison.Ordinal));
        Assert.InRange(rules.ClockSkew, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task What_is_for_development_is_not_there()
    {
        foreach (var path in new[] { "/dev/token?user=root&tenant=acme&role=system_admin&global=true", "/openapi/v1.json", "/scalar", "/scalar/v1" })
        {
            (await production.Api.Client("acme", null).SendAsync(HttpMethod.Get, path)).IsProblem(HttpStatusCode.NotFound, "not-found");
            (await production.Client().SendAsync(HttpMethod.Get, path)).IsProblem(HttpStatusCode.NotFound, "not-found");
        }
    }

    private static string? Expand(string? json) => json?
        .Replace("{256}", new string('u', 256)).Replace("{3000}", new string('u', 3000)).Replace("{65}", new string('t', 65));
}
