using System.Globalization;
using Product.Web.Products;

namespace WebTests.Parts;

public sealed class ExactDecimalTests
{
    [Theory]
    [InlineData("12.50")]
    [InlineData("-0.01")]
    [InlineData("0")]
    [InlineData("12345678901234567890.12345678")]
    [InlineData("0.0000000000000000000000000001")]
    public void A_number_keeps_its_digits(string text)
    {
        Assert.True(ExactDecimal.TryParse($" {text} ", out var value));
        Assert.Equal(text, value.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000012.50", "12.5")]
    [InlineData("1.50000000000000000000000000000000000", "1.5")]
    [InlineData("10000000000000000000000000000", "10000000000000000000000000000")]
    public void Zeros_before_and_behind_do_not_count(string text, string same)
    {
        Assert.True(ExactDecimal.TryParse(text, out var value));
        Assert.Equal(decimal.Parse(same, CultureInfo.InvariantCulture), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12,50")]
    [InlineData("1 000")]
    [InlineData("1e3")]
    [InlineData("€5")]
    [InlineData("12345678901234567890.123456789")]
    [InlineData("0.00000000000000000000000000001")]
    public void What_is_no_number_or_would_be_rounded_is_refused(string text) => Assert.False(ExactDecimal.TryParse(text, out _));
}
