using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace StackTests.Support;

/// <summary>The API as one user sees it. Paths are sent exactly as they are given.</summary>
public sealed class ApiClient(HttpClient http, string tenant, string? token)
{
    public string Tenant => tenant;

    public string Pk => $"PRODUCT#{tenant}";

    public string PathOf(string sk) => $"/api/product/data/{Uri.EscapeDataString(Pk)}/{Uri.EscapeDataString(sk)}";

    public string IdOf(string sk) => $"{Pk}#{sk}";

    /// <param name="body">An object, or the text of a body.</param>
    /// <param name="query">The query with its question mark.</param>
    /// <param name="headers">Further headers.</param>
    public Task<Answer> PostAsync(object body, string query = "", params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, $"/api/product{query}", body, headers);

    public Task<Answer> BulkAsync(object body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, "/api/product/bulk", body, headers);

    public Task<Answer> GetAsync(string sk, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, PathOf(sk), null, headers);

    public Task<Answer> ListAsync(string query = "") =>
        SendAsync(HttpMethod.Get, $"/api/product/data/{Uri.EscapeDataString(Pk)}{query}");

    public Task<Answer> SearchAsync(string query = "") => SendAsync(HttpMethod.Get, $"/api/product/data{query}");

    public Task<Answer> PatchAsync(string sk, object body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Patch, PathOf(sk), body, headers);

    public Task<Answer> DeleteAsync(string sk, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Delete, PathOf(sk), null, headers);

    /// <summary>One of the actions below an item: restore, rollback/3, duplicate, purge.</summary>
    public Task<Answer> ActAsync(string sk, string action, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, $"{PathOf(sk)}/{action}", null, headers);

    public Task<Answer> HistoryAsync(string sk, string rest = "") =>
        SendAsync(HttpMethod.Get, $"/api/product/history/{Uri.EscapeDataString(Pk)}/{Uri.EscapeDataString(sk)}{rest}");

    /// <summary>A command and how far it has come; waits up to <paramref name="wait"/> seconds for it.</summary>
    public Task<Answer> CommandAsync(string sk, long version, int wait = 0) => SendAsync(
        HttpMethod.Get, $"/api/product/command/{Uri.EscapeDataString(Pk)}/{Uri.EscapeDataString(sk)}/{version}?wait={wait}");

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        // Without this option, dot segments and needlessly encoded characters would be tidied up.
        var uri = new Uri(
            http.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method, uri);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            byte[] bytes => new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } },
            _ => new StringContent(
                body as string ?? JsonSerializer.Serialize(body, Answer.Options), Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response, TestContext.Current.CancellationToken);
    }
}
