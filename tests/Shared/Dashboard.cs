using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace AppHostRuns;

/// <summary>Aspire's own dashboard, whose telemetry is read as its command line reads it.</summary>
/// <param name="address">The address of its pages.</param>
internal sealed class Dashboard(Uri address) : IDisposable
{
    private readonly HttpClient _http = new();

    /// <summary>Returns the arguments with which an AppHost starts a dashboard that asks for no token, each time on other ports.</summary>
    public static IReadOnlyList<string> Arguments() =>
    [
        $"--ASPNETCORE_URLS={FreeAddress()}",
        $"--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL={FreeAddress()}",
        $"--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL={FreeAddress()}",
        "--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true",
        "--ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS=true",
    ];

    /// <summary>Returns what is known of a trace so far.</summary>
    public async Task<ExportedTrace> TraceAsync(string traceId, CancellationToken cancellationToken) =>
        new(await SpansAsync($"traces/{traceId}", cancellationToken), await LogsAsync($"logs?traceId={traceId}", cancellationToken));

    /// <summary>Returns the latest spans of all services.</summary>
    public Task<IReadOnlyList<Span>> SpansAsync(CancellationToken cancellationToken) => SpansAsync("spans?limit=10000", cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<IReadOnlyList<Span>> SpansAsync(string path, CancellationToken cancellationToken) =>
    [
        .. from resource in await GetAsync(path, "resourceSpans", cancellationToken)
           from scope in Each(resource, "scopeSpans")
           from span in Each(scope, "spans")
           select Span.From(ServiceOf(resource), span),
    ];

    private async Task<IReadOnlyList<LogRecord>> LogsAsync(string path, CancellationToken cancellationToken) =>
    [
        .. from resource in await GetAsync(path, "resourceLogs", cancellationToken)
           from scope in Each(resource, "scopeLogs")
           from log in Each(scope, "logRecords")
           select new LogRecord(
               ServiceOf(resource), $"{log["severityText"]}", $"{scope["scope"]?["name"]}", $"{log["body"]?["stringValue"]}"),
    ];

    private async Task<IEnumerable<JsonNode>> GetAsync(string path, string list, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(new Uri(address, $"/api/telemetry/{path}"), cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return []; // Nothing of the trace has come yet.
        }

        answer.EnsureSuccessStatusCode();
        return Each(JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!["data"]!, list);
    }

    private static string ServiceOf(JsonNode resource) => Span.Attributes(resource["resource"]!).GetValueOrDefault("service.name", "");

    private static IEnumerable<JsonNode> Each(JsonNode node, string list) => (node[list]?.AsArray() ?? []).Select(one => one!);

    private static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
