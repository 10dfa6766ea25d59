using Cqrs.Items;
using Cqrs.Publishing;

namespace Cqrs.Tests;

public sealed class PartialUpdateTests
{
    private static readonly CommandModel Current = Samples.Command(4) with
    {
        Seq = 3,
        Ttl = 1_900_000_000,
        Attributes = Samples.Json("""{"price":12.50,"tags":["oak","old"],"specification":{"weight":"3 kg","dimensions":"1x1"}}"""),
    };

    // Conformance 10.
    [Fact]
    public void What_the_patch_does_not_name_stays()
    {
        var input = Apply("""{"attributes":{"specification":{"weight":"4 kg"},"tags":["new"]}}""");

        Assert.Equal(("Chair", "CH-1", 3L, 1_900_000_000L, false), (input.Name, input.Code, input.Seq, input.Ttl, input.IsDeleted));
        Assert.Equal(
            """{"price":12.50,"tags":["new"],"specification":{"weight":"4 kg","dimensions":"1x1"}}""", input.Attributes.ToJsonString());
        Assert.Equal(Samples.Key, input.Key);
    }

    // Conformance 10.
    [Fact]
    public void Null_removes()
    {
        var input = Apply("""{"seq":null,"ttl":null,"attributes":{"price":null,"specification":{"weight":null}}}""");

        Assert.Null(input.Seq);
        Assert.Null(input.Ttl);
        Assert.True(input.ClearTtl);
        Assert.Equal("""{"tags":["oak","old"],"specification":{"dimensions":"1x1"}}""", input.Attributes.ToJsonString());
        Assert.Empty(Apply("""{"attributes":null}""").Attributes);
    }

    [Fact]
    public void A_patch_can_delete_and_restore()
    {
        Assert.True(Apply("""{"isDeleted":true}""").IsDeleted);
        Assert.False(((Decision.Publish)PartialUpdate.Apply(Current with { IsDeleted = true }, Samples.Json("""{"isDeleted":null}"""))).Input.IsDeleted);
    }

    [Theory]
    [InlineData("""{"name":1}""", "name")]
    [InlineData("""{"seq":"1"}""", "seq")]
    [InlineData("""{"seq":1.5}""", "seq")]
    [InlineData("""{"ttl":true}""", "ttl")]
    [InlineData("""{"isDeleted":"yes"}""", "isDeleted")]
    [InlineData("""{"attributes":[1]}""", "attributes")]
    [InlineData("""{"code":{}}""", "code")]
    public void A_member_of_the_wrong_type_is_refused_by_name(string patch, string field)
    {
        var rejected = Assert.IsType<Decision.Reject>(PartialUpdate.Apply(Current, Samples.Json(patch)));

        Assert.Equal(field, Assert.Single(rejected.Errors).Field);
    }

    [Fact]
    public void A_removed_name_is_refused_by_the_rules()
    {
        var input = Apply("""{"name":null}""");

        Assert.Equal("name", Assert.Single(CommandRules.Check(input)).Field);
    }

    private static CommandInput Apply(string patch) =>
        Assert.IsType<Decision.Publish>(PartialUpdate.Apply(Current, Samples.Json(patch))).Input;
}
