using System.Globalization;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace Cqrs.Tests;

public sealed class ItemFormatTests
{
    private static readonly CommandModel Full = Samples.Command(3) with
    {
        Seq = 7,
        Ttl = 1_900_000_000,
        IsDeleted = true,
        IsSync = true,
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        WriteId = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        FailedReason = "no luck",
    };

    [Fact]
    public void Command_items_have_exactly_the_attributes_of_the_contract()
    {
        var item = ItemFormat.ToItem(Full);

        Assert.Equal(
            [
                "attributes", "code", "createdAt", "createdBy", "createdIp", "failedReason", "id", "isDeleted", "name", "pk", "requestId", "seq",
                "sk", "source", "syncMode", "tenantCode", "traceparent", "ttl", "type", "updatedAt", "updatedBy", "updatedIp", "version",
                "writeId",
            ],
            item.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("PRODUCT#acme", item["pk"].S);
        Assert.Equal("chair@3", item["sk"].S);
        Assert.Equal("PRODUCT#acme#chair", item["id"].S);
        Assert.Equal("3", item["version"].N);
        Assert.Equal("7", item["seq"].N);
        Assert.Equal("1900000000", item["ttl"].N);
        Assert.True(item["isDeleted"].BOOL);
        Assert.Equal("SYNC", item["syncMode"].S);
        Assert.Equal("2026-03-04T05:06:07.891Z", item["updatedAt"].S);
        Assert.Equal("2026-03-03T05:06:07.891Z", item["createdAt"].S);
        Assert.Equal("12.50", item["attributes"].M["price"].N);
        Assert.Equal("oak", item["attributes"].M["tags"].L.Single().S);
    }

    [Fact]
    public void Data_items_carry_the_keys_of_their_command_and_nothing_of_how_it_was_published()
    {
        var item = ItemFormat.ToItem(Full.ToData());

        Assert.Equal(
            [
                "attributes", "code", "cpk", "createdAt", "createdBy", "createdIp", "csk", "id", "isDeleted", "name", "pk", "requestId", "seq", "sk",
                "source", "tenantCode", "ttl", "type", "updatedAt", "updatedBy", "updatedIp", "version",
            ],
            item.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("chair", item["sk"].S);
        Assert.Equal("PRODUCT#acme", item["cpk"].S);
        Assert.Equal("chair@3", item["csk"].S);
        Assert.Equal("chair@3", ItemFormat.ToItem(Full.ToData().ToHistory())["sk"].S);
    }

    [Fact]
    public void Optional_attributes_are_left_out_when_there_is_nothing_to_say()
    {
        var item = ItemFormat.ToItem(Samples.Command());

        Assert.DoesNotContain(item.Keys, name => name is "seq" or "ttl" or "syncMode" or "traceparent" or "writeId" or "failedReason");
    }

    [Fact]
    public void Commands_come_back_as_they_were()
    {
        AssertSame(Full, ItemFormat.ToCommand(ItemFormat.ToItem(Full)));
        AssertSame(Samples.Command(), ItemFormat.ToCommand(ItemFormat.ToItem(Samples.Command())));
    }

    [Fact]
    public void Data_and_history_come_back_as_they_were()
    {
        var data = Full.ToData();

        AssertSame(data, ItemFormat.ToData(ItemFormat.ToItem(data)));
        AssertSame(data.ToHistory(), ItemFormat.ToData(ItemFormat.ToItem(data.ToHistory())));
    }

    [Fact]
    public void A_state_tells_its_command()
    {
        var command = Full with { IsSync = false, TraceParent = null, WriteId = null, FailedReason = null };

        AssertSame(command, Full.ToData().ToCommand());
        AssertSame(command, Full.ToData().ToHistory().ToCommand());
    }

    // Conformance 19.
    [Theory]
    [InlineData("0")]
    [InlineData("-12.50")]
    [InlineData("1E-9")]
    [InlineData("12345678901234567890.123")]
    [InlineData("0.1234567890123456789012345678")]
    public void Numbers_keep_their_exact_value(string number)
    {
        var attributes = Samples.Json($$"""{"n":{{number}}}""");

        var back = ItemFormat.ToCommand(ItemFormat.ToItem(Samples.Command() with { Attributes = attributes })).Attributes;

        Assert.Equal(
            decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture), back["n"]!.GetValue<decimal>());
    }

    [Fact]
    public void Every_kind_of_attribute_comes_back()
    {
        var attributes = Samples.Json("""{"text":"","emoji":"🪑","rtl":"كرسي","t":true,"f":false,"o":{},"l":[],"mixed":[1,"a",null,{"x":[2]}]}""");

        var back = ItemFormat.ToCommand(ItemFormat.ToItem(Samples.Command() with { Attributes = attributes })).Attributes;

        Assert.Equal(attributes.ToJsonString(), back.ToJsonString());
    }

    [Fact]
    public void A_null_member_is_an_absent_one()
    {
        var item = ItemFormat.ToItem(Samples.Command() with { Attributes = Samples.Json("""{"a":null,"b":{"c":null}}""") });

        Assert.Equal(["b"], item["attributes"].M.Keys);
        Assert.Empty(item["attributes"].M["b"].M);
    }

    [Fact]
    public void Sets_and_binary_values_that_others_wrote_can_be_read()
    {
        var item = ItemFormat.ToItem(Samples.Command());
        item["attributes"] = new AttributeValue
        {
            M = new()
            {
                ["texts"] = new() { SS = ["a", "b"] },
                ["numbers"] = new() { NS = ["1", "2.5"] },
                ["bytes"] = new() { B = new MemoryStream([1, 2, 3]) },
                ["nothing"] = new() { NULL = true },
                ["wide"] = new() { N = "1.2345678901234567890123456789012345678" },
            },
        };

        var attributes = ItemFormat.ToCommand(item).Attributes;

        Assert.Equal(
            """{"texts":["a","b"],"numbers":[1,2.5],"bytes":"AQID","nothing":null,"wide":1.2345678901234567890123456789012345678}""",
            attributes.ToJsonString());
    }

    [Theory]
    [InlineData("pk")]
    [InlineData("sk")]
    [InlineData("id")]
    [InlineData("code")]
    [InlineData("name")]
    [InlineData("version")]
    [InlineData("tenantCode")]
    [InlineData("type")]
    [InlineData("createdAt")]
    [InlineData("updatedAt")]
    public void An_item_without_a_required_attribute_is_no_command(string name)
    {
        var without = ItemFormat.ToItem(Full);
        without.Remove(name);
        var withOtherType = ItemFormat.ToItem(Full);
        withOtherType[name] = new AttributeValue { L = [] };

        Assert.Throws<UnreadableItemException>(() => ItemFormat.ToCommand(without));
        Assert.Throws<UnreadableItemException>(() => ItemFormat.ToCommand(withOtherType));
    }

    [Theory]
    [InlineData("sk", "chair@4")]
    [InlineData("sk", "chair")]
    [InlineData("sk", "table@3")]
    [InlineData("pk", "PRODUCT#other")]
    [InlineData("id", "PRODUCT#acme#table")]
    [InlineData("updatedAt", "yesterday")]
    public void An_item_that_contradicts_itself_is_no_command(string name, string value)
    {
        var item = ItemFormat.ToItem(Full);
        item[name] = new AttributeValue { S = value };

        Assert.Throws<UnreadableItemException>(() => ItemFormat.ToCommand(item));
    }

    [Theory]
    [InlineData("version", "3.5")]
    [InlineData("version", "0")]
    [InlineData("seq", "1e30")]
    [InlineData("ttl", "99999999999999999999")]
    public void An_item_with_an_impossible_number_is_no_command(string name, string number)
    {
        var item = ItemFormat.ToItem(Full);
        item[name] = new AttributeValue { N = number };

        Assert.Throws<UnreadableItemException>(() => ItemFormat.ToCommand(item));
    }

    private static void AssertSame(ItemModel expected, ItemModel actual)
    {
        Assert.Equal(expected.Attributes.ToJsonString(), actual.Attributes.ToJsonString());
        Assert.Equal(expected, actual with { Attributes = expected.Attributes });
    }
}
