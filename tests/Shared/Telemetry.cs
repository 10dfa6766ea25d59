using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace AppHostRuns;

/// <summary>The spans and the log records of one trace.</summary>
internal sealed record ExportedTrace(IReadOnlyList<Span> Spans, IReadOnlyList<LogRecord> Logs);

internal sealed record LogRecord(string Service, string Severity, string Category, string Text);

/// <summary>A span, as OTLP has it in JSON.</summary>
internal sealed record Span(
    string Service,
    string TraceId,
    string SpanId,
    string? ParentId,
    string Name,
    ActivityKind Kind,
    long Start,
    bool IsError,
    IReadOnlyDictionary<string, string> Tags)
{
    private const string Error = "2";

    public static Span From(string service, JsonNode span) => new(
        service,
        $"{span["traceId"]}",
        $"{span["spanId"]}",
        span["parentSpanId"] is { } parent && $"{parent}".Length > 0 ? $"{parent}" : null,
        $"{span["name"]}",
        // OTLP counts from 1, with "internal" first.
        (ActivityKind)(int.Parse($"{span["kind"]}", CultureInfo.InvariantCulture) - 1),
        long.Parse($"{span["startTimeUnixNano"]}", CultureInfo.InvariantCulture),
        $"{span["status"]?["code"]}" == Error,
        Attributes(span));

    public static Dictionary<string, string> Attributes(JsonNode node) => (node["attributes"]?.AsArray() ?? []).ToDictionary(
        attribute => $"{attribute!["key"]}", attribute => $"{attribute!["value"]?.AsObject().FirstOrDefault().Value}");
}
