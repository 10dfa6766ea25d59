using System.Globalization;

namespace Product.Web.Products;

/// <summary>Decimals as people type them, kept exactly or refused: never rounded.</summary>
public static class ExactDecimal
{
    private const int MaxDigits = 28;
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint
        | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    public static bool TryParse(string text, out decimal value) =>
        decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out value) && text.Count(char.IsAsciiDigit) <= MaxDigits;
}
