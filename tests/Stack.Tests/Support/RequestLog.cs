using System.Text.Json;
using Amazon.Runtime;

namespace StackTests.Support;

/// <summary>Writes down which requests the AWS SDK sends: <c>PutItem thing-command</c>.</summary>
internal sealed class RequestLog(string prefix) : HttpClientFactory
{
    private readonly Lock _gate = new();
    private readonly List<string> _requests = [];

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new Recorder(this)) { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>The requests since the last call.</summary>
    public IReadOnlyList<string> Take()
    {
        lock (_gate)
        {
            string[] taken = [.. _requests];
            _requests.Clear();
            return taken;
        }
    }

    private void Add(string target, string body)
    {
        using var request = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 200 });
        var tables = request.RootElement switch
        {
            var r when r.TryGetProperty("TableName", out var table) => [table.GetString()!],
            var r when r.TryGetProperty("RequestItems", out var items) => items.EnumerateObject().Select(item => item.Name),
            var r when r.TryGetProperty("TransactItems", out var items) => items.EnumerateArray()
                .Select(item => item.EnumerateObject().Single().Value.GetProperty("TableName").GetString()!),
            _ => [],
        };
        lock (_gate)
        {
            _requests.Add($"{target.Split('.')[^1]} {string.Join("+", tables.Select(table => table[prefix.Length..]))}");
        }
    }

    private sealed class Recorder(RequestLog log) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            log.Add(request.Headers.GetValues("X-Amz-Target").Single(), await request.Content!.ReadAsStringAsync(cancellationToken));
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
