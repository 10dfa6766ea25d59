using System.Globalization;

namespace Product.Web.Operations;

/// <summary>How lags are written.</summary>
public static class Lag
{
    private static readonly long[] Steps = [1, 2, 5];

    public static string Text(long milliseconds) => milliseconds switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds} ms"),
        < 120_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000.0:0.#} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 60_000.0:0.#} min"),
    };

    /// <summary>Returns the lag as the samples show it, and no more: nobody looked before the first, nor between those that are far apart.</summary>
    /// <param name="samples">The lag as far as anybody has looked.</param>
    /// <param name="isRead">Whether the last look brought a lag; else the last sample is an old one.</param>
    public static string Describe(IReadOnlyList<LagSample> samples, bool isRead)
    {
        if (samples.Count == 0)
        {
            return "Lag of the read models: not known";
        }

        var newest = samples[^1];
        var when = isRead ? "now" : $"when it was last read, at {Time(newest.At)}";
        return $"Lag of the read models: {Text(newest.LagMs)} {when}; the most that was seen since {Time(samples[0].At)} is {Text(samples.Max(sample => sample.LagMs))}";
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Returns the next round number, for the top of a scale.</summary>
    public static long RoundUp(long milliseconds)
    {
        for (var scale = 1L; ; scale *= 10)
        {
            foreach (var step in Steps)
            {
                if (step * scale >= milliseconds)
                {
                    return step * scale;
                }
            }
        }
    }
}
