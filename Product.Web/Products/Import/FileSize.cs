using System.Globalization;

namespace Product.Web.Products.Import;

internal static class FileSize
{
    private const long Kilo = 1024;

    public static string Text(long bytes) => bytes switch
    {
        < Kilo => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
        < Kilo * Kilo => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)Kilo:0.#} KB"),
        < Kilo * Kilo * Kilo => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(Kilo * Kilo):0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(Kilo * Kilo * Kilo):0.#} GB"),
    };
}
