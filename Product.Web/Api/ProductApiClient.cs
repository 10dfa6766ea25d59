using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http.Extensions;
using Polly;
using Polly.Timeout;

namespace Product.Web.Api;

/// <summary>The products API, on behalf of whoever is signed in. Every refusal or failure is an <see cref="ApiException"/>.</summary>
public sealed class ProductApiClient(HttpClient http, AuthenticationStateProvider authentication)
{
    private const string Route = "api/product";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public async Task<ProductPage> SearchAsync(ProductSearch search, CancellationToken cancellationToken)
    {
        var query = new QueryBuilder
        {
            { "page", search.Page.ToString(CultureInfo.InvariantCulture) },
            { "pageSize", search.PageSize.ToString(CultureInfo.InvariantCulture) },
        };
        AddIfGiven(query, "keyword", search.Keyword);
        AddIfGiven(query, "id", search.Id);
        AddIfGiven(query, "orderBys", search.OrderBy);
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, $"{Route}/data{query}"), cancellationToken);
        return await ReadAsync<ProductPage>(response, cancellationToken);
    }

    public async Task<ProductEntity> CreateAsync(NewProduct product, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Route) { Content = JsonContent.Create(product, options: Json) };
        using var response = await SendAsync(request, cancellationToken);
        return await ReadAsync<ProductEntity>(response, cancellationToken);
    }

    private static void AddIfGiven(QueryBuilder query, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            query.Add(name, value);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken) ?? throw new JsonException("The answer is empty.");
        }
        catch (Exception failure) when (failure is JsonException or HttpRequestException or IOException)
        {
            throw new ApiException(new ApiProblem { Status = (int)HttpStatusCode.BadGateway, Detail = "The answer cannot be read." }, failure);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(BearerTokenHandler.User, (await authentication.GetAuthenticationStateAsync()).User);
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, cancellationToken);
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

    private static bool IsUnreachable(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException or TimeoutRejectedException or ExecutionRejectedException
        || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
