using ProductAspire.Local.Dashboard.Otlp;

namespace ProductAspire.Local.Dashboard;

/// <summary>Finds traces by a text that stands anywhere in them.</summary>
internal static class TraceFilter
{
    public static bool Matches(TraceSnapshot trace, string text) =>
        text.Length == 0
        || Has(trace.Id, text)
        || trace.Spans.Any(span => Has(span.Name, text) || Has(span.Service, text) || Has(Show.Who(span), text) || HasValue(span.Attributes, text))
        || trace.Logs.Any(log => Has(log.Text, text) || HasValue(log.Attributes, text));

    private static bool HasValue(Dictionary<string, string> attributes, string text) => attributes.Values.Any(value => Has(value, text));

    private static bool Has(string value, string text) => value.Contains(text, StringComparison.OrdinalIgnoreCase);
}
