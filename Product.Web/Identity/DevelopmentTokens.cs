using System.Collections.Concurrent;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;
using Product.Web.Api;

namespace Product.Web.Identity;

/// <summary>Development only: has the API sign a token for whoever the visitor says to be, and keeps it until it is about to expire.</summary>
public sealed class DevelopmentTokens(IHttpClientFactory clients, TimeProvider time) : IApiTokens
{
    public const string HttpClientName = "development-tokens";

    private static readonly TimeSpan RenewBeforeExpiry = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<SignedInUser, (string Token, DateTimeOffset ExpiresAt)> held = new();

    public async ValueTask<string> GetAsync(ClaimsPrincipal user, string? refused, CancellationToken cancellationToken)
    {
        var who = SignedInUser.From(user) ?? throw new InvalidOperationException("The user has no tenant.");
        if (held.TryGetValue(who, out var current) && current.Token != refused && current.ExpiresAt - RenewBeforeExpiry > time.GetUtcNow())
        {
            return current.Token;
        }

        var query = new QueryBuilder
        {
            { "user", who.Name },
            { "tenant", who.Tenant },
            { "role", who.Role ?? "" },
            { "global", who.IsRoleGlobal ? "true" : "false" },
        };
        var token = await clients.CreateClient(HttpClientName).GetStringAsync(new Uri($"dev/token{query}", UriKind.Relative), cancellationToken);
        held[who] = (token, ExpiryOf(token));
        return token;
    }

    private static DateTimeOffset ExpiryOf(string token)
    {
        using var payload = JsonDocument.Parse(WebEncoders.Base64UrlDecode(token.Split('.')[1]));
        return DateTimeOffset.FromUnixTimeSeconds(payload.RootElement.GetProperty("exp").GetInt64());
    }
}
