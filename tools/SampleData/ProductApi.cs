using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SampleData;

/// <summary>The outcome of posted products.</summary>
/// <param name="New">How many were created.</param>
/// <param name="AlreadyThere">How many codes the tenant had before.</param>
/// <param name="Errors">The errors of the others.</param>
public sealed record Posted(int New, int AlreadyThere, IReadOnlyList<string> Errors)
{
    public static Posted operator +(Posted left, Posted right) =>
        new(left.New + right.New, left.AlreadyThere + right.AlreadyThere, [.. left.Errors, .. right.Errors]);
}

/// <summary>The few requests to the API that loading samples takes, in the name of one user.</summary>
public sealed class ProductApi(HttpClient http, string user, string tenant)
{
    private const int MaxAttempts = 10;

    private AuthenticationHeaderValue? _authorization;

    /// <summary>Posts products in one request; what the API had no capacity for is sent again.</summary>
    public async Task<Posted> PostAsync(IReadOnlyList<SampleProduct> products, CancellationToken cancellationToken)
    {
        var posted = new Posted(0, 0, []);
        for (var attempt = 1; ; attempt++)
        {
            var body = $"[{string.Join(",", products.Select(product => product.ToJson()))}]";
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/product/bulk")
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            using var response = await SendAsync(request, cancellationToken);
            if (IsBusy((int)response.StatusCode) && attempt < MaxAttempts)
            {
                await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), cancellationToken);
                continue;
            }

            await ThrowIfFailedAsync(response, cancellationToken);
            using var results = await JsonDocument.ParseAsync(
                await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
            var again = new List<SampleProduct>();
            foreach (var (product, result) in products.Zip(results.RootElement.EnumerateArray()))
            {
                var status = result.GetProperty("status").GetInt32();
                if (IsBusy(status) && attempt < MaxAttempts)
                {
                    again.Add(product);
                }
                else
                {
                    posted += Count(product, status, result);
                }
            }

            if (again.Count == 0)
            {
                return posted;
            }

            products = again;
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }
    }

    /// <summary>How many products a search for a keyword finds.</summary>
    public async Task<long> CountAsync(string keyword, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/product/data?pageSize=1&keyword={Uri.EscapeDataString(keyword)}");
        using var response = await SendAsync(request, cancellationToken);
        await ThrowIfFailedAsync(response, cancellationToken);
        using var page = await JsonDocument.ParseAsync(
            await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
        return page.RootElement.GetProperty("total").GetInt64();
    }

    private static Posted Count(SampleProduct product, int status, JsonElement result) => status switch
    {
        200 or 201 => new(1, 0, []),
        204 or 409 => new(0, 1, []),
        _ => new(0, 0, [$"{product.Code}: {status} {(result.TryGetProperty("error", out var error) ? error.GetRawText() : "")}"]),
    };

    private static bool IsBusy(int status) =>
        status is (int)HttpStatusCode.ServiceUnavailable or (int)HttpStatusCode.TooManyRequests;

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = _authorization ??= new("Bearer", await http.GetStringAsync(
            $"/dev/token?user={Uri.EscapeDataString(user)}&tenant={Uri.EscapeDataString(tenant)}", cancellationToken));
        return await http.SendAsync(request, cancellationToken);
    }

    private static async Task ThrowIfFailedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri} answered {(int)response.StatusCode}: "
                + await response.Content.ReadAsStringAsync(cancellationToken));
        }
    }
}
