using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;

namespace Product.Web.Api;

/// <summary>Where the tokens for the API come from.</summary>
public interface IApiTokens
{
    /// <summary>Returns a token for this user; a new one if <paramref name="refused"/> is the one at hand.</summary>
    ValueTask<string> GetAsync(ClaimsPrincipal user, string? refused, CancellationToken cancellationToken);
}

/// <summary>
/// Sends the user's token with a request, and once more with a new one if it is refused (it was not carried out then, so that is safe for
/// any method). The user comes with the request: handlers outlive the circuit or request that they serve.
/// </summary>
public sealed class BearerTokenHandler(IApiTokens tokens) : DelegatingHandler
{
    public static readonly HttpRequestOptionsKey<ClaimsPrincipal> User = new("Product.Web.User");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(User, out var user) || user.Identity is not { IsAuthenticated: true })
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var token = await tokens.GetAsync(user, refused: null, cancellationToken);
        var response = await SendAsync(request, token, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        response.Dispose();
        return await SendAsync(request, await tokens.GetAsync(user, refused: token, cancellationToken), cancellationToken);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string token, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return base.SendAsync(request, cancellationToken);
    }
}
