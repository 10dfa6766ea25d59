using System.Net.Http.Headers;
using System.Text.Json;

namespace Transfer;

/// <summary>The API, with a token.</summary>
internal static class Api
{
    public static async Task<HttpClient> ConnectAsync(Options options, CancellationToken cancellationToken)
    {
        var http = new HttpClient { BaseAddress = options.Url, Timeout = Timeout.InfiniteTimeSpan };
        var token = options.Token
            ?? await http.GetStringAsync($"/dev/token?user=transfer&tenant={Uri.EscapeDataString(options.Tenant)}", cancellationToken);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    /// <exception cref="HttpRequestException">The API refused; the message is its own.</exception>
    public static async Task EnsureSuccessAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        throw new HttpRequestException($"{(int)response.StatusCode} {DetailOf(text)}");
    }

    private static string DetailOf(string problem)
    {
        try
        {
            using var json = JsonDocument.Parse(problem);
            return json.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() ?? "" : "";
        }
        catch (JsonException)
        {
            return problem;
        }
    }
}
