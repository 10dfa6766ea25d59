using System.Globalization;

namespace Product.Web.Products;

/// <summary>
/// Addresses of pages about one product. Its key is in the query: a key may hold slashes and percent signs, which servers and proxies treat
/// in their own ways in a path.
/// </summary>
public static class ProductAddress
{
    public static string Edit(string sk) => $"products/edit?sk={Uri.EscapeDataString(sk)}";

    public static string History(string sk) => $"products/history?sk={Uri.EscapeDataString(sk)}";

    /// <summary>Returns the history with two versions side by side.</summary>
    public static string Compare(string sk, long from, long to) =>
        string.Create(CultureInfo.InvariantCulture, $"{History(sk)}&from={from}&to={to}");
}
