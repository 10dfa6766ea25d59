using System.Text.Json.Nodes;
using Cqrs.Items;
using Cqrs.Publishing;

namespace Cqrs.Tests;

public sealed class CommandRulesTests
{
    [Fact]
    public void A_good_input_has_no_errors() => Assert.Empty(CommandRules.Check(Samples.Input));

    [Fact]
    public void Every_broken_rule_names_its_field()
    {
        AssertField("sk", Samples.Input with { Key = new("PRODUCT#acme", "a@b") });
        AssertField("name", Samples.Input with { Name = "" });
        AssertField("name", Samples.Input with { Name = new string('x', 501) });
        AssertField("name", Samples.Input with { Name = "a\0b" });
        AssertField("code", Samples.Input with { Code = "" });
        AssertField("code", Samples.Input with { Code = new string('x', 513) });
        AssertField("tenantCode", Samples.Input with { TenantCode = "Acme" });
        AssertField("pk", Samples.Input with { TenantCode = "other" });
        AssertField("pk", Samples.Input with { Type = "ORDER" });
        AssertField("version", Samples.Input with { Version = -2 });
        AssertField("ttl", Samples.Input with { Ttl = -1 });
        AssertField("ttl", Samples.Input with { Ttl = CommandInput.MaxTtl + 1 });
        AssertField("attributes.description", WithAttributes("""{"description":"a\u0000b"}"""));
        AssertField("attributes.list[1]", WithAttributes("""{"list":["ok","\u0000"]}"""));
        AssertField("attributes.price", WithAttributes("""{"price":1e400}"""));
        AssertField("attributes", WithAttributes("""{"":1}"""));
        AssertField("attributes.deep", WithAttributes("""{"deep":{"":1}}"""));
    }

    [Fact]
    public void A_lone_surrogate_is_refused_wherever_it_stands()
    {
        AssertField("name", Samples.Input with { Name = "a\ud800" });
        AssertField("code", Samples.Input with { Code = "a\udc00b" });
        AssertField("attributes.x", Samples.Input with { Attributes = new JsonObject { ["x"] = "\ud83e" } });
        AssertField("attributes", Samples.Input with { Attributes = new JsonObject { ["\ud83e"] = 1 } });
    }

    [Fact]
    public void A_chosen_code_must_not_look_like_a_generated_one()
    {
        const string Ulid = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

        AssertField("code", Samples.Input with { Code = Ulid });
        AssertField("code", Samples.Input with { Code = Ulid.ToLowerInvariant() });
        Assert.Empty(CommandRules.Check(Samples.Input with { Key = new("PRODUCT#acme", Ulid), Code = Ulid }));
    }

    [Fact]
    public void Attributes_are_at_most_as_deep_as_an_item_can_be()
    {
        Assert.Empty(CommandRules.Check(Samples.Input with { Attributes = Nested(31) }));
        Assert.Contains(CommandRules.Check(Samples.Input with { Attributes = Nested(32) }), error => error.Message.Contains("deep"));
        Assert.Contains(CommandRules.Check(Samples.Input with { Attributes = Nested(60) }), error => error.Message.Contains("deep"));
        Assert.Empty(CommandRules.Check(Samples.Input with { Attributes = new JsonObject { ["list"] = Lists(30) } }));
        Assert.Contains(
            CommandRules.Check(Samples.Input with { Attributes = new JsonObject { ["list"] = Lists(31) } }), error => error.Message.Contains("deep"));
    }

    [Fact]
    public void All_errors_are_told_at_once() =>
        Assert.Equal(
            ["sk", "name", "code"],
            CommandRules.Check(Samples.Input with { Key = new("PRODUCT#acme", ".."), Name = "", Code = "" }).Select(error => error.Field));

    private static JsonArray Lists(int levels)
    {
        var inner = new JsonArray();
        for (var level = 1; level < levels; level++)
        {
            inner = new JsonArray(inner);
        }

        return inner;
    }

    private static JsonObject Nested(int levels)
    {
        var inner = new JsonObject();
        for (var level = 1; level < levels; level++)
        {
            inner = new JsonObject { ["x"] = inner };
        }

        return inner;
    }

    private static CommandInput WithAttributes(string json) => Samples.Input with { Attributes = Samples.Json(json) };

    private static void AssertField(string field, CommandInput input) =>
        Assert.Equal(field, Assert.Single(CommandRules.Check(input)).Field);
}
