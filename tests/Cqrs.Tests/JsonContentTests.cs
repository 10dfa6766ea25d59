using System.Text.Json.Nodes;
using Cqrs.Items;

namespace Cqrs.Tests;

public sealed class JsonContentTests
{
    // Conformance 9.
    [Theory]
    [InlineData("""{"a":1,"b":{"c":[1,2],"d":"x"}}""", """{"b":{"d":"x","c":[1,2]},"a":1}""")]
    [InlineData("""{"a":1}""", """{"a":1,"b":null}""")]
    [InlineData("""{"a":{"b":null}}""", """{"a":{}}""")]
    [InlineData("""{"a":1.0}""", """{"a":1}""")]
    [InlineData("""{"a":1e2}""", """{"a":100.00}""")]
    [InlineData("""{"a":-0}""", """{"a":0}""")]
    [InlineData("""{"a":0.1000}""", """{"a":1e-1}""")]
    [InlineData("""{"a":"\u00e4"}""", """{"a":"ä"}""")]
    [InlineData("""{"a":[null,1]}""", """{"a":[null,1.0]}""")]
    [InlineData("""{"a":true,"b":false}""", """{"b":false,"a":true}""")]
    public void Same_content_is_recognized(string left, string right)
    {
        Assert.True(JsonContent.AreSame(JsonNode.Parse(left), JsonNode.Parse(right)));
        Assert.True(JsonContent.AreSame(JsonNode.Parse(right), JsonNode.Parse(left)));
    }

    // Conformance 9.
    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", """{"a":"1"}""")]
    [InlineData("""{"a":1}""", """{}""")]
    [InlineData("""{"a":0}""", """{"a":null}""")]
    [InlineData("""{"a":false}""", """{}""")]
    [InlineData("""{"a":""}""", """{}""")]
    [InlineData("""{"a":[]}""", """{}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""")]
    [InlineData("""{"a":[1]}""", """{"a":[1,null]}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"c":1}}""")]
    [InlineData("""{"a":true}""", """{"a":false}""")]
    [InlineData("""{"a":"x"}""", """{"a":"X"}""")]
    [InlineData("""{"a":"é"}""", """{"a":"e\u0301"}""")]
    [InlineData("""{"a":0.1}""", """{"a":0.1000000000000000000000000001}""")]
    [InlineData("""{"a":9007199254740993}""", """{"a":9007199254740992}""")]
    public void Other_content_is_told_apart(string left, string right)
    {
        Assert.False(JsonContent.AreSame(JsonNode.Parse(left), JsonNode.Parse(right)));
        Assert.False(JsonContent.AreSame(JsonNode.Parse(right), JsonNode.Parse(left)));
    }

    [Fact]
    public void A_value_made_in_code_is_the_same_as_one_that_was_parsed()
    {
        var made = new JsonObject { ["text"] = "x", ["whole"] = 1, ["exact"] = 1.50m, ["flag"] = true, ["list"] = new JsonArray(1, "a") };

        Assert.True(JsonContent.AreSame(made, JsonNode.Parse("""{"list":[1,"a"],"flag":true,"exact":1.5,"whole":1.0,"text":"x"}""")));
    }

    // Conformance 10; the cases are those of RFC 7396, appendix A.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""["a","b"]""", """["c","d"]""", """["c","d"]""")]
    [InlineData("""{"a":"b"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"a":"foo"}""", "null", "null")]
    [InlineData("""{"a":"foo"}""", "\"bar\"", "\"bar\"")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("[1,2]", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void Merge_patch_does_as_RFC_7396_says(string target, string patch, string expected)
    {
        var (before, change) = (JsonNode.Parse(target), JsonNode.Parse(patch));

        var merged = JsonContent.Merge(before, change);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), merged), merged?.ToJsonString());
        Assert.Equal(JsonNode.Parse(target)?.ToJsonString(), before?.ToJsonString());
        Assert.Equal(JsonNode.Parse(patch)?.ToJsonString(), change?.ToJsonString());
    }

    // Conformance 19.
    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1e-9")]
    [InlineData("1E-28")]
    [InlineData("12345678901234567890.123")]
    [InlineData("1234567890123456789012345678")]
    [InlineData("0.1234567890123456789012345678")]
    [InlineData("9999999999999999999999999999")]
    [InlineData("1e28")]
    [InlineData("100000000000000000000000000.00")]
    public void Numbers_of_up_to_28_digits_are_exact(string number) =>
        Assert.Equal(
            decimal.Parse(number, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture),
            JsonContent.ToExactDecimal(number));

    // Conformance 19.
    [Theory]
    [InlineData("12345678901234567890123456789")]
    [InlineData("0.12345678901234567890123456789")]
    [InlineData("1e-29")]
    [InlineData("1e-400")]
    [InlineData("1e29")]
    [InlineData("1e400")]
    [InlineData("123456789012345678901234567.89")]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("NaN")]
    public void Numbers_that_would_be_rounded_are_refused(string number) => Assert.Null(JsonContent.ToExactDecimal(number));
}
