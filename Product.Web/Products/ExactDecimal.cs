using System.Globalization;

namespace Product.Web.Products;

/// <summary>Decimals as people type them, kept exactly or refused: never rounded. The API has the same rule.</summary>
public static class ExactDecimal
{
    private const int MaxDigits = 28;
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint
        | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    // Parsing rounds what does not fit: the digits that were typed are compared with those that are left.
    public static bool TryParse(string text, out decimal value) =>
        decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out value)
        && SignificantDigits(text) is { Length: <= MaxDigits } digits
        && digits == SignificantDigits(value.ToString(CultureInfo.InvariantCulture));

    private static string SignificantDigits(string number) => string.Concat(number.Where(char.IsAsciiDigit)).Trim('0');
}
