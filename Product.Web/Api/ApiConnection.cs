using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Components.Authorization;
using Polly;
using Polly.Timeout;

namespace Product.Web.Api;

/// <summary>Calls the API on behalf of whoever is signed in. Every refusal or failure is an <see cref="ApiException"/>.</summary>
public sealed class ApiConnection(HttpClient http, AuthenticationStateProvider authentication)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public async Task<ClaimsPrincipal> GetUserAsync() => (await authentication.GetAuthenticationStateAsync()).User;

    public async Task<T> GetAsync<T>(string uri, CancellationToken cancellationToken)
        where T : class =>
        await SendAsync<T>(HttpMethod.Get, uri, cancellationToken) ?? throw Unreadable(null);

    /// <summary>Sends a request; the answer, or null if there is none (204). <paramref name="seen"/> is the version that a change builds on.</summary>
    public async Task<T?> SendAsync<T>(
        HttpMethod method, string uri, CancellationToken cancellationToken, object? body = null, long? seen = null)
        where T : class
    {
        using var request = new HttpRequestMessage(method, uri) { Content = body is null ? null : JsonContent.Create(body, options: Json) };
        if (seen is { } version)
        {
            request.Headers.IfMatch.Add(new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{version}\"")));
        }

        using var response = await OpenAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return null;
        }

        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken) ?? throw Unreadable(null);
        }
        catch (Exception failure) when (failure is JsonException or HttpRequestException or IOException)
        {
            throw Unreadable(failure);
        }
    }

    /// <summary>Sends a request and gives the answer as soon as its headers are there.</summary>
    public async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(BearerTokenHandler.User, await GetUserAsync());
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception failure) when (IsUnreachable(failure, cancellationToken))
        {
            throw new ApiException(ApiProblem.Unreachable, failure);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new ApiException(await ApiProblem.ReadAsync(response, cancellationToken));
        }
    }

    private static ApiException Unreadable(Exception? failure) =>
        new(new ApiProblem { Status = (int)HttpStatusCode.BadGateway, Detail = "The answer cannot be read." }, failure);

    private static bool IsUnreachable(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException or TimeoutRejectedException or ExecutionRejectedException
        || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
