using System.Text;
using Cqrs.Items;

namespace Cqrs.Tests;

public sealed class SortKeyOrderTests
{
    [Theory]
    [InlineData("a", "b")]
    [InlineData("a", "aa")]
    [InlineData("", "a")]
    [InlineData("Z", "a")]
    [InlineData("z", "\u00e4")]
    [InlineData("\ud7ff", "\ue000")]
    [InlineData("\uffff", "\U00010000")]
    [InlineData("\ue000", "\U0010ffff")]
    [InlineData("\U00010000", "\U0010ffff")]
    [InlineData("x\uffffz", "x\U00010000a")]
    public void The_first_sorts_before_the_second(string first, string second)
    {
        Assert.True(Keys.CompareSk(first, second) < 0);
        Assert.True(Keys.CompareSk(second, first) > 0);
        Assert.Equal(0, Keys.CompareSk(first, first));
    }

    [Fact]
    public void Order_of_random_sort_keys_is_that_of_their_UTF8_bytes()
    {
        var random = new Random(20260304);
        for (var i = 0; i < 50_000; i++)
        {
            var left = RandomText(random);
            // Half of the pairs share a beginning, or the first character alone would decide nearly always.
            var right = random.Next(2) == 0 ? RandomText(random) : left[..WholeCharacters(left, random.Next(left.Length + 1))] + RandomText(random);

            var expected = Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));

            Assert.True(
                Math.Sign(expected) == Math.Sign(Keys.CompareSk(left, right)),
                $"'{Escape(left)}' and '{Escape(right)}' compare as {Keys.CompareSk(left, right)}, their bytes as {expected}.");
        }
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var length = random.Next(6); length > 0; length--)
        {
            text.Append(random.Next(5) switch
            {
                0 => new Rune(random.Next('a', 'e')),
                1 => new Rune(random.Next(0x20, 0x250)),
                2 => new Rune(random.Next(0xd700, 0xd800)),
                3 => new Rune(random.Next(0xe000, 0x10000)),
                _ => new Rune(random.Next(0x10000, 0x110000)),
            });
        }

        return text.ToString();
    }

    private static int WholeCharacters(string text, int length) =>
        length > 0 && length < text.Length && char.IsLowSurrogate(text[length]) ? length - 1 : length;

    private static string Escape(string text) => string.Concat(text.Select(c => $"\\u{(int)c:x4}"));
}
