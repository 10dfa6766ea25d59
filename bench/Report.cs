using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bench;

/// <summary>The measurement of a case.</summary>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Raw">The figure that it is compared with.</param>
/// <param name="LatenciesMs">How long single operations took.</param>
/// <param name="What">The thing measured, if it is not what the case is named for.</param>
internal sealed record Figure(double Value, string Unit, double? Raw = null, IReadOnlyList<double>? LatenciesMs = null, string? What = null);

/// <summary>
/// Prints figures: one JSON line for each case and <c>conc</c>, which is how many at once, or writes a second, or how many items, versions or rows
/// there are. What else belongs to it is in <c>more</c>.
/// </summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // It goes to a console.

    public static void Print(string name, int conc, Figure figure, params IReadOnlyList<Figure> more)
    {
        var line = new JsonObject { ["case"] = name, ["conc"] = conc };
        Add(line, figure);
        if (more.Count > 0)
        {
            line["more"] = new JsonArray([.. more.Select(one => Add(new JsonObject { ["what"] = one.What }, one))]);
        }

        Console.WriteLine(line.ToJsonString(Options));
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? 0 : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static JsonObject Add(JsonObject line, Figure figure)
    {
        var sorted = figure.LatenciesMs?.Order().ToList();
        line["value"] = Round(figure.Value);
        line["unit"] = figure.Unit;
        line["raw"] = Round(figure.Raw);
        line["ratio"] = figure.Raw is > 0 ? Round(figure.Value / figure.Raw) : null;
        line["p50ms"] = Percentile(sorted, 0.50);
        line["p95ms"] = Percentile(sorted, 0.95);
        line["p99ms"] = Percentile(sorted, 0.99);
        return line;
    }

    private static double? Percentile(List<double>? sorted, double share) =>
        sorted is { Count: > 0 } ? Round(sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * share)]) : null;

    private static double? Round(double? value) => value is { } number ? Math.Round(number, 3) : null;
}
