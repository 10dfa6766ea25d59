namespace ProductAspire.Local.Dashboard.Otlp;

/// <summary>What is known of a trace at one moment. Its spans come as they end, those of each service by themselves.</summary>
/// <param name="Id">In lower-case hex.</param>
/// <param name="Spans">At least one, in any order.</param>
/// <param name="Logs">What was logged on the way.</param>
/// <param name="Omitted">How many spans and log records were too many to keep.</param>
internal sealed record TraceSnapshot(string Id, IReadOnlyList<OtlpSpan> Spans, IReadOnlyList<OtlpLog> Logs, int Omitted)
{
    /// <summary>Where it began, as far as that has been told.</summary>
    public OtlpSpan Root => Spans.OrderBy(span => span.ParentId is not null).ThenBy(span => span.Start).First();

    public DateTimeOffset Start => Spans.Min(span => span.Start);

    public TimeSpan Duration => Spans.Max(span => span.End) - Start;

    public IEnumerable<string> Services => Spans.OrderBy(span => span.Start).Select(span => span.Service).Distinct();

    public int Errors => Spans.Count(span => span.IsError);
}
