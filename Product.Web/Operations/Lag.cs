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

    /// <summary>The next round number, for the top of a scale.</summary>
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
