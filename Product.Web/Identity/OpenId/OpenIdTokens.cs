using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Product.Web.Api;

namespace Product.Web.Identity.OpenId;

/// <summary>The token that is sent to the API: <c>access_token</c>, or <c>id_token</c> where only that has the tenant's claims (Cognito).</summary>
public sealed class OpenIdTokenOptions
{
    public string ApiToken { get; set; } = "access_token";
}

/// <summary>
/// The provider's tokens: kept on the server, renewed while their session lasts. The cookie names the session only. Kept in the
/// distributed cache, which several instances can share.
/// </summary>
public sealed class OpenIdTokens(
    IDistributedCache cache,
    IDataProtectionProvider protection,
    IOptionsMonitor<OpenIdConnectOptions> openId,
    IOptions<OpenIdTokenOptions> options,
    TimeProvider time) : IApiTokens
{
    private const string SessionClaim = "session";

    private static readonly TimeSpan RenewBeforeExpiry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RenewalTimeout = TimeSpan.FromSeconds(30);
    private static readonly DistributedCacheEntryOptions Lifetime = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(24) };

    private readonly IDataProtector protector = protection.CreateProtector("Product.Web.OpenIdTokens");
    private readonly SemaphoreSlim[] turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Keeps the tokens of somebody who has signed in.</summary>
    public async Task StartAsync(ClaimsPrincipal user, OpenIdConnectMessage answer, CancellationToken cancellationToken)
    {
        var session = Guid.NewGuid().ToString("N");
        ((ClaimsIdentity)user.Identity!).AddClaim(new(SessionClaim, session));
        await WriteAsync(session, Read(answer, refresh: null), cancellationToken);
    }

    public async Task<bool> HasAsync(ClaimsPrincipal user, CancellationToken cancellationToken) =>
        user.FindFirstValue(SessionClaim) is { } session && await ReadAsync(session, cancellationToken) is not null;

    public async Task EndAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (user.FindFirstValue(SessionClaim) is { } session)
        {
            await cache.RemoveAsync(session, cancellationToken);
        }
    }

    public async ValueTask<string> GetAsync(ClaimsPrincipal user, string? refused, CancellationToken cancellationToken)
    {
        var session = user.FindFirstValue(SessionClaim) ?? throw SignedOut();
        var tokens = await ReadAsync(session, cancellationToken) ?? throw SignedOut();
        if (IsGood(tokens))
        {
            return tokens.ForApi;
        }

        return await RenewInTurnAsync(session, IsGood).WaitAsync(cancellationToken);

        bool IsGood(Tokens held) => held.ForApi != refused && held.ExpiresAt - RenewBeforeExpiry > time.GetUtcNow();
    }

    private static ApiException SignedOut() => new(new ApiProblem { Status = StatusCodes.Status401Unauthorized, Code = "unauthorized" });

    // A refresh token can often be used once only: one renewal at a time, and none is given up because who asked for it went away.
    private async Task<string> RenewInTurnAsync(string session, Func<Tokens, bool> isGood)
    {
        using var limit = new CancellationTokenSource(RenewalTimeout, time);
        var turn = turns[(uint)session.GetHashCode(StringComparison.Ordinal) % turns.Length];
        var hasTurn = false;
        try
        {
            await turn.WaitAsync(limit.Token);
            hasTurn = true;
            var tokens = await ReadAsync(session, limit.Token) ?? throw SignedOut();
            if (!isGood(tokens))
            {
                tokens = await RenewAsync(tokens, limit.Token);
                await WriteAsync(session, tokens, limit.Token);
            }

            return tokens.ForApi;
        }
        // An invalid operation: what the provider says of its addresses cannot be read.
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException)
        {
            throw new ApiException(ApiProblem.Unreachable, failure);
        }
        finally
        {
            if (hasTurn)
            {
                turn.Release();
            }
        }
    }

    private async Task<Tokens> RenewAsync(Tokens tokens, CancellationToken cancellationToken)
    {
        if (tokens.Refresh is null)
        {
            throw SignedOut();
        }

        var provider = openId.Get(OpenIdConnectDefaults.AuthenticationScheme);
        var endpoints = await provider.ConfigurationManager!.GetConfigurationAsync(cancellationToken);
        var renewal = new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = tokens.Refresh,
            ["client_id"] = provider.ClientId!,
        };
        if (provider.ClientSecret is { Length: > 0 } secret)
        {
            renewal["client_secret"] = secret;
        }

        using var form = new FormUrlEncodedContent(renewal);
        using var answer = await provider.Backchannel.PostAsync(endpoints.TokenEndpoint, form, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized)
        {
            throw SignedOut();
        }

        // A provider that is busy or away says nothing about the session.
        answer.EnsureSuccessStatusCode();

        return Read(new(await answer.Content.ReadAsStringAsync(cancellationToken)), tokens.Refresh);
    }

    private Tokens Read(OpenIdConnectMessage answer, string? refresh)
    {
        var lifetime = int.TryParse(answer.ExpiresIn, out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromHours(1);
        var forApi = options.Value.ApiToken == "id_token" ? answer.IdToken : answer.AccessToken;
        return new(forApi, answer.RefreshToken ?? refresh, time.GetUtcNow() + lifetime);
    }

    private async Task<Tokens?> ReadAsync(string session, CancellationToken cancellationToken) =>
        await cache.GetAsync(session, cancellationToken) is { } kept ? JsonSerializer.Deserialize<Tokens>(protector.Unprotect(kept)) : null;

    private Task WriteAsync(string session, Tokens tokens, CancellationToken cancellationToken) =>
        cache.SetAsync(session, protector.Protect(JsonSerializer.SerializeToUtf8Bytes(tokens)), Lifetime, cancellationToken);

    private sealed record Tokens(string ForApi, string? Refresh, DateTimeOffset ExpiresAt);
}
