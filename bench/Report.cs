using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bench;

/// <summary>Prints figures, one JSON line each. <c>conc</c> is how many at once, or writes a second, or how many items, versions or rows there are.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // It goes to a console.
    };

    public static void Print(string name, int conc, double value, string unit, double? raw = null, IReadOnlyList<double>? latenciesMs = null)
    {
        var sorted = latenciesMs?.Order().ToList();
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                @case = name,
                conc,
                value = Math.Round(value, 1),
                unit,
                raw = Round(raw),
                ratio = raw is > 0 ? Math.Round(value / raw.Value, 3) : (double?)null,
                p50ms = Percentile(sorted, 0.50),
                p95ms = Percentile(sorted, 0.95),
                p99ms = Percentile(sorted, 0.99),
            },
            Options));
    }

    public static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;

    private static double? Percentile(List<double>? sorted, double share) =>
        sorted is { Count: > 0 } ? Round(sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * share)]) : null;

    private static double? Round(double? value) => value is { } number ? Math.Round(number, 1) : null;
}
