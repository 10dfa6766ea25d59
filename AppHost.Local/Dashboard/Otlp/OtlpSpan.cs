namespace ProductAspire.Local.Dashboard.Otlp;

/// <summary>A step of a request, as a service told it. Ids are in lower-case hex.</summary>
internal sealed record OtlpSpan(string Service, string Scope)
{
    public string TraceId { get; set; } = "";

    public string SpanId { get; set; } = "";

    /// <summary>Null: the trace begins here.</summary>
    public string? ParentId { get; set; }

    public string Name { get; set; } = "";

    public OtlpSpanKind Kind { get; set; }

    public DateTimeOffset Start { get; set; }

    public DateTimeOffset End { get; set; }

    public bool IsError { get; set; }

    public string? StatusMessage { get; set; }

    public Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>Spans of other traces that this one also works for.</summary>
    public List<OtlpLink> Links { get; } = [];

    public TimeSpan Duration => End - Start;
}

internal readonly record struct OtlpLink(string TraceId, string SpanId);

/// <summary>The numbers are those of the protocol.</summary>
internal enum OtlpSpanKind
{
    Unspecified = 0,
    Internal = 1,
    Server = 2,
    Client = 3,
    Producer = 4,
    Consumer = 5,
}

/// <summary>What a service wrote to its log while it worked for a request.</summary>
internal sealed record OtlpLog(string Service, string Category)
{
    public string? TraceId { get; set; }

    public DateTimeOffset Time { get; set; }

    public string Severity { get; set; } = "";

    public string Text { get; set; } = "";

    public Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);
}
