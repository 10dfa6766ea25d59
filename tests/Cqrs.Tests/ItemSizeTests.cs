using Cqrs.Items;

namespace Cqrs.Tests;

public sealed class ItemSizeTests
{
    [Fact]
    public void Names_and_texts_count_their_UTF8_bytes()
    {
        Assert.Equal(2 + 5, ItemSize.Of(new() { ["pk"] = new() { S = "chair" } }));
        Assert.Equal(2 + 4, ItemSize.Of(new() { ["pk"] = new() { S = "🪑" } }));
        Assert.Equal(4 + 2, ItemSize.Of(new() { ["grö"] = new() { S = "ä" } }));
    }

    // The published rules: a number takes about one byte for two digits and one more; map and list take 3 bytes and one for each element.
    [Fact]
    public void The_count_is_never_below_the_published_rules()
    {
        Assert.InRange(ItemSize.Of(new() { ["n"] = new() { N = new string('9', 28) } }), 1 + 15, 1 + 21);
        Assert.InRange(ItemSize.Of(new() { ["b"] = new() { BOOL = true } }), 2, 3);
        Assert.InRange(ItemSize.Of(new() { ["l"] = new() { L = [new() { S = "ab" }, new() { S = "cd" }] } }), 1 + 3 + 2 + 4, 20);
        Assert.InRange(ItemSize.Of(new() { ["m"] = new() { M = new() { ["a"] = new() { S = "b" } } } }), 1 + 3 + 1 + 2, 20);
    }

    [Fact]
    public void The_size_of_a_command_follows_its_attributes()
    {
        static int Size(int characters) => ItemSize.Of(ItemFormat.ToItem(
            Samples.Command() with { Attributes = new() { ["description"] = new string('x', characters) } }));

        Assert.Equal(100_000, Size(100_001) - Size(1));
    }
}
