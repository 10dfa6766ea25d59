using System.Globalization;
using ProductAspire.Local.Dashboard.Otlp;

namespace ProductAspire.Local.Dashboard;

/// <summary>How things are written on the pages.</summary>
internal static class Show
{
    private static readonly Dictionary<string, string> Stores = new(StringComparer.OrdinalIgnoreCase)
    {
        ["aws.dynamodb"] = "DynamoDB",
        ["dynamodb"] = "DynamoDB",
        ["postgresql"] = "Postgres",
    };

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s"),
        { TotalSeconds: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.##} s"),
        { TotalMilliseconds: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, time.TotalMicroseconds):0} µs"),
    };

    /// <summary>How long something has been so: in no finer steps than are worth looking at.</summary>
    public static string Age(TimeSpan time) => Duration(TimeSpan.FromSeconds(Math.Max(1, Math.Floor(time.TotalSeconds))));

    public static string Time(DateTimeOffset time) => time.LocalDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string Iso(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    public static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Who takes the time of a span: the store that is called, else the service.</summary>
    public static string Who(OtlpSpan span) =>
        span.Kind == OtlpSpanKind.Client && (Attribute(span, "db.system.name") ?? Attribute(span, "db.system")) is { } system
            ? Stores.GetValueOrDefault(system, system)
            : span.Service;

    private static string? Attribute(OtlpSpan span, string name) => span.Attributes.GetValueOrDefault(name);
}
