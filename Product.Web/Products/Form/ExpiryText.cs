using System.Globalization;

namespace Product.Web.Products.Form;

/// <summary>An expiry in seconds since 1970, as a date and time in UTC.</summary>
public static class ExpiryText
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss";

    // Browsers leave out seconds that are zero.
    private static readonly string[] Formats = [Format, "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss.FFF"];

    public static string From(long seconds) => seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        ? DateTimeOffset.FromUnixTimeSeconds(seconds).ToString(Format, CultureInfo.InvariantCulture)
        : seconds.ToString(CultureInfo.InvariantCulture);

    public static bool TryParse(string text, out long seconds)
    {
        if (DateTimeOffset.TryParseExact(text.Trim(), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            seconds = time.ToUnixTimeSeconds();
            return seconds >= 0;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
    }
}
