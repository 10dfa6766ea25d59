using System.Text.Json.Nodes;
using Cqrs.Items;
using Cqrs.Publishing;

namespace Cqrs.Tests;

public sealed class CommandRulesTests
{
    [Fact]
    public void A_good_input_has_no_errors() => Assert.Empty(CommandRules.Check(Some.Input));

    [Fact]
    public void Every_broken_rule_names_its_field()
    {
        AssertField("sk", Some.Input with { Key = new("PRODUCT#acme", "a@b") });
        AssertField("name", Some.Input with { Name = "" });
        AssertField("name", Some.Input with { Name = new string('x', 501) });
        AssertField("name", Some.Input with { Name = "a\0b" });
        AssertField("code", Some.Input with { Code = "" });
        AssertField("code", Some.Input with { Code = new string('x', 513) });
        AssertField("tenantCode", Some.Input with { TenantCode = "Acme" });
        AssertField("pk", Some.Input with { TenantCode = "other" });
        AssertField("pk", Some.Input with { Type = "ORDER" });
        AssertField("version", Some.Input with { Version = -2 });
        AssertField("ttl", Some.Input with { Ttl = -1 });
        AssertField("ttl", Some.Input with { Ttl = CommandInput.MaxTtl + 1 });
        AssertField("attributes.description", WithAttributes("""{"description":"a\u0000b"}"""));
        AssertField("attributes.list[1]", WithAttributes("""{"list":["ok","\u0000"]}"""));
        AssertField("attributes.price", WithAttributes("""{"price":1e400}"""));
        AssertField("attributes", WithAttributes("""{"":1}"""));
        AssertField("attributes.deep", WithAttributes("""{"deep":{"":1}}"""));
    }

    [Fact]
    public void A_lone_surrogate_is_refused_wherever_it_stands()
    {
        AssertField("name", Some.Input with { Name = "a\ud800" });
        AssertField("code", Some.Input with { Code = "a\udc00b" });
        AssertField("attributes.x", Some.Input with { Attributes = new JsonObject { ["x"] = "\ud83e" } });
        AssertField("attributes", Some.Input with { Attributes = new JsonObject { ["\ud83e"] = 1 } });
    }

    [Fact]
    public void A_chosen_code_must_not_look_like_a_generated_one()
    {
        const string Ulid = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

        AssertField("code", Some.Input with { Code = Ulid });
        AssertField("code", Some.Input with { Code = Ulid.ToLowerInvariant() });
        Assert.Empty(CommandRules.Check(Some.Input with { Key = new("PRODUCT#acme", Ulid), Code = Ulid }));
    }

    [Fact]
    public void Attributes_are_at_most_as_deep_as_an_item_can_be()
    {
        Assert.Empty(CommandRules.Check(Some.Input with { Attributes = Nested(31) }));
        Assert.Contains(CommandRules.Check(Some.Input with { Attributes = Nested(32) }), error => error.Message.Contains("deep"));
        Assert.Contains(CommandRules.Check(Some.Input with { Attributes = Nested(60) }), error => error.Message.Contains("deep"));
        Assert.Empty(CommandRules.Check(Some.Input with { Attributes = new JsonObject { ["list"] = Lists(30) } }));
        Assert.Contains(
            CommandRules.Check(Some.Input with { Attributes = new JsonObject { ["list"] = Lists(31) } }), error => error.Message.Contains("deep"));
    }

    [Fact]
    public void All_errors_are_told_at_once() =>
        Assert.Equal(
            ["sk", "name", "code"],
            CommandRules.Check(Some.Input with { Key = new("PRODUCT#acme", ".."), Name = "", Code = "" }).Select(error => error.Field));

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

    private static CommandInput WithAttributes(string json) => Some.Input with { Attributes = Some.Json(json) };

    private static void AssertField(string field, CommandInput input) =>
        Assert.Equal(field, Assert.Single(CommandRules.Check(input)).Field);
}
