using ProductAspire.Local.Dashboard.Otlp;

namespace ProductAspire.Local.Dashboard;

/// <summary>The spans of a trace as they are drawn: each below its parent, with its place in time.</summary>
internal sealed class Waterfall
{
    private readonly ILookup<string, OtlpSpan> children;
    private readonly ILookup<string, OtlpSpan> batches;
    private readonly HashSet<string> drawn = new(StringComparer.Ordinal);
    private readonly List<WaterfallRow> rows = [];

    /// <param name="trace">The trace.</param>
    /// <param name="all">All that are known: a batch that several requests share is in a trace of its own, and links theirs.</param>
    public Waterfall(TraceSnapshot trace, IEnumerable<TraceSnapshot> all)
    {
        var linking = all.Where(other => other.Id != trace.Id && other.Spans.Any(span => Links(span, trace.Id))).ToList();
        var spans = trace.Spans.Concat(linking.SelectMany(other => other.Spans)).OrderBy(span => span.Start).ToList();
        var ids = spans.Select(span => span.SpanId).ToHashSet(StringComparer.Ordinal);
        children = spans.Where(span => span.ParentId is not null).ToLookup(span => span.ParentId!);
        batches = linking.SelectMany(other => other.Spans)
            .SelectMany(span => span.Links.Where(link => link.TraceId == trace.Id), (span, link) => (span, link.SpanId))
            .ToLookup(one => one.SpanId, one => one.span);
        foreach (var root in trace.Spans.Where(span => span.ParentId is null || !ids.Contains(span.ParentId)).OrderBy(span => span.Start))
        {
            Draw(root, 0, isShared: false);
        }

        // Ids come from outside: parents could go round in a circle, below no root.
        foreach (var span in trace.Spans.OrderBy(span => span.Start))
        {
            Draw(span, 0, isShared: false);
        }

        Start = rows.Min(row => row.Span.Start);
        Duration = rows.Max(row => row.Span.End) - Start;
    }

    public DateTimeOffset Start { get; }

    public TimeSpan Duration { get; }

    public IReadOnlyList<WaterfallRow> Rows => rows;

    /// <summary>Where on a line of that length a span begins, and how long it is there.</summary>
    public (double X, double Width) Place(OtlpSpan span, double length)
    {
        var scale = length / Math.Max(1, Duration.Ticks);
        return ((span.Start - Start).Ticks * scale, Math.Max(length / 200, span.Duration.Ticks * scale));
    }

    private static bool Links(OtlpSpan span, string traceId) => span.Links.Any(link => link.TraceId == traceId);

    private void Draw(OtlpSpan span, int depth, bool isShared)
    {
        if (!drawn.Add(span.SpanId))
        {
            return;
        }

        rows.Add(new(span, depth, isShared));
        foreach (var child in children[span.SpanId])
        {
            Draw(child, depth + 1, isShared);
        }

        foreach (var batch in batches[span.SpanId])
        {
            Draw(batch, depth + 1, isShared: true);
        }
    }
}

/// <param name="Span">The span.</param>
/// <param name="Depth">How many it is below.</param>
/// <param name="IsShared">It worked for other requests too.</param>
internal sealed record WaterfallRow(OtlpSpan Span, int Depth, bool IsShared);
