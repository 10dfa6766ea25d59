using System.Net;
using System.Text;
using System.Text.Json;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Streams;
using Record = Cqrs.CommandLog.Record;

namespace Cqrs.Tests;

public sealed class StreamJsonTests
{
    private const string Image = """
        {"pk":{"S":"PRODUCT#acme"},"sk":{"S":"chair@2"},"id":{"S":"PRODUCT#acme#chair"},"code":{"S":"CH-1"},"name":{"S":"Chair"},
        "version":{"N":"2"},"tenantCode":{"S":"acme"},"type":{"S":"PRODUCT"},"isDeleted":{"BOOL":false},
        "attributes":{"M":{"price":{"N":"12.50"},"tags":{"L":[{"S":"oak"},{"NULL":true}]}}},
        "createdAt":{"S":"2026-03-04T05:06:07.891Z"},"updatedAt":{"S":"2026-03-04T05:06:07.891Z"}}
        """;

    [Fact]
    public void Every_type_of_attribute_is_read()
    {
        var item = Read("""
            {"s":{"S":"x"},"n":{"N":"1.5"},"b":{"BOOL":true},"z":{"NULL":true},"m":{"M":{"a":{"S":""}}},"l":{"L":[{"N":"1"},{"S":"a"}]},
            "ss":{"SS":["a","b"]},"ns":{"NS":["1"]},"bin":{"B":"AQID"},"bs":{"BS":["AQ==","Ag=="]}}
            """);

        Assert.Equal("x", item["s"].S);
        Assert.Equal("1.5", item["n"].N);
        Assert.True(item["b"].BOOL);
        Assert.True(item["z"].NULL);
        Assert.Equal("", item["m"].M["a"].S);
        Assert.Equal(["1", null], item["l"].L.Select(element => element.N));
        Assert.Equal(["a", "b"], item["ss"].SS);
        Assert.Equal(["1"], item["ns"].NS);
        Assert.Equal([1, 2, 3], item["bin"].B.ToArray());
        Assert.Equal([[1], [2]], item["bs"].BS.Select(bytes => bytes.ToArray()));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"a":"x"}""")]
    [InlineData("""{"a":null}""")]
    [InlineData("""{"a":{}}""")]
    [InlineData("""{"a":{"X":"x"}}""")]
    [InlineData("""{"a":{"S":1}}""")]
    [InlineData("""{"a":{"N":1}}""")]
    [InlineData("""{"a":{"BOOL":"true"}}""")]
    [InlineData("""{"a":{"M":[]}}""")]
    [InlineData("""{"a":{"L":{}}}""")]
    [InlineData("""{"a":{"L":["x"]}}""")]
    [InlineData("""{"a":{"SS":"x"}}""")]
    [InlineData("""{"a":{"SS":[1]}}""")]
    [InlineData("""{"a":{"B":"not base64"}}""")]
    [InlineData("""{"a":{"B":7}}""")]
    public void What_is_no_item_is_refused_in_one_way(string json) => Assert.Throws<FormatException>(() => Read(json));

    [Fact]
    public void A_record_is_read_as_a_stream_carries_it()
    {
        var record = RecordJson.Read(Parse($$$"""
            {"eventID":"1","eventName":"INSERT","eventSource":"aws:dynamodb","dynamodb":{"Keys":{"pk":{"S":"PRODUCT#acme"},"sk":{"S":"chair@2"}},
            "NewImage":{{{Image}}},"SequenceNumber":"000000000000000000021","SizeBytes":9,"StreamViewType":"NEW_IMAGE"}}
            """));

        Assert.Equal(("1", "INSERT", "000000000000000000021"), (record.EventID, record.EventName, record.Dynamodb.SequenceNumber));
        var command = Assert.Single(CommandRecords.Read([record]).Commands);
        Assert.Equal((2L, "Chair", 12.50m), (command.Version, command.Name, command.Attributes["price"]!.GetValue<decimal>()));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"eventName":"INSERT"}""")]
    [InlineData("""{"eventName":"INSERT","dynamodb":{}}""")]
    [InlineData("""{"eventName":"INSERT","dynamodb":{"Keys":[]}}""")]
    [InlineData("""{"eventName":"INSERT","dynamodb":{"Keys":{},"NewImage":"x"}}""")]
    [InlineData("""{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"\ud800"}}}}""")]
    [InlineData("""{"eventName":"INSERT","dynamodb":{"Keys":{"\ud800":{"S":"x"}}}}""")]
    [InlineData("""{"eventName":"\ud800","dynamodb":{"Keys":{"pk":7}}}""")]
    [InlineData("""{"eventName":"INSERT","dynamodb":"x"}""")]
    [InlineData("[]")]
    [InlineData("1")]
    public void What_is_no_record_says_so_and_is_not_taken_for_one(string json)
    {
        var record = RecordJson.Read(Parse(json));

        Assert.NotNull(record.Unreadable);
        var changes = CommandRecords.Read([record]);
        Assert.Equal((0, 0), (changes.Commands.Count, changes.Removed.Count));
        Assert.Equal(record.Unreadable, Assert.Single(changes.Unreadable).Reason);
    }

    [Fact]
    public void Of_a_record_that_cannot_be_read_its_keys_and_its_place_are_known_if_they_can()
    {
        var record = RecordJson.Read(Parse("""
            {"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"PRODUCT#acme"},"sk":{"S":"chair@2"}},"NewImage":{"a":{"N":{}}},"SequenceNumber":"7"}}
            """));
        var half = RecordJson.Read(Parse("""{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"PRODUCT#acme"},"sk":{"X":"?"}},"SequenceNumber":"8"}}"""));

        var unreadable = CommandRecords.Read([record, half]).Unreadable;

        Assert.Equal([("PRODUCT#acme", "chair@2", "7"), ("PRODUCT#acme", null, "8")], unreadable.Select(one => (one.Pk, one.Sk, one.Place)));
    }

    [Fact]
    public async Task A_record_that_is_nested_too_deeply_is_no_fault_of_the_others_in_its_page()
    {
        var page = await Client([], HttpStatusCode.OK, $$"""{"Records":[{{Inserted("a", 1)}},{{Inserted("b", 32)}},{{Inserted("c", 33)}},{{Inserted("d", 5000)}}]}""")
            .GetRecordsAsync(new("here"), TestContext.Current.CancellationToken);

        Assert.Equal([null, null, "c", "d"], page.Records.Select(record => record.Unreadable is null ? null : record.Dynamodb.Keys["sk"].S));

        static string Inserted(string sk, int levels) => $$$"""
            {"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"p"},"sk":{"S":"{{{sk}}}"}},"NewImage":{"a":{{{Nested("M", levels)}}},"b":{{{Nested("L", levels)}}}},"SequenceNumber":"1"}}
            """;
        static string Nested(string type, int levels) => type == "M"
            ? string.Concat(Enumerable.Repeat("""{"M":{"a":""", levels)) + """{"S":"x"}""" + new string('}', 2 * levels)
            : string.Concat(Enumerable.Repeat("""{"L":[""", levels)) + """{"S":"x"}""" + string.Concat(Enumerable.Repeat("]}", levels));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("\"1\"")]
    public void A_command_with_a_number_that_is_none_is_unreadable(string number)
    {
        var command = ItemFormat.ToItem(Samples.Command(2));
        command["attributes"].M["price"] = new() { N = number };

        Assert.Single(CommandRecords.Read([Changed("INSERT", command["pk"], command["sk"], command)]).Unreadable);
    }

    // Conformance 31.
    [Fact]
    public void Only_inserted_commands_are_taken_from_a_stream()
    {
        var command = ItemFormat.ToItem(Samples.Command(2));
        var without = ItemFormat.ToItem(Samples.Command(2));
        without.Remove("name");
        var (pk, sk) = (command["pk"], command["sk"]);
        Record[] records =
        [
            Changed("MODIFY", pk, sk, command),
            Changed("", pk, sk, command),
            Changed("INSERT", pk, sk, null),
            Changed("INSERT", pk, sk, []),
            Changed("INSERT", pk, sk, without),
            Changed("INSERT", pk, new() { S = "created" }, command),
            Changed("INSERT", pk, new() { S = "b@x" }, command),
            Changed("INSERT", pk, new() { S = "b@1" }, new() { ["pk"] = pk, ["sk"] = new() { S = "b@1" } }),
            Changed("INSERT", pk, new() { N = "1" }, command),
            Changed("INSERT", new(), sk, command),
            new("1", "INSERT", new StreamRecord([], command, "1")),
            Changed("INSERT", pk, sk, command),
        ];

        var changes = CommandRecords.Read(records);

        Assert.Equal("chair@2", Assert.Single(changes.Commands).Sk);
        Assert.Empty(changes.Removed);
        Assert.Equal(8, changes.Unreadable.Count);
    }

    // Conformance 20c, 31.
    [Fact]
    public void Items_of_which_commands_were_removed_are_told_once()
    {
        var pk = new AttributeValue { S = "PRODUCT#acme" };
        Record[] records =
        [
            Changed("REMOVE", pk, new() { S = "chair@1" }, null),
            Changed("REMOVE", pk, new() { S = "chair@2" }, null),
            Changed("REMOVE", pk, new() { S = "created" }, null),
        ];

        var changes = CommandRecords.Read(records);

        Assert.Empty(changes.Commands);
        Assert.Equal(Samples.Key, Assert.Single(changes.Removed));
    }

    [Fact]
    public async Task A_page_of_records_and_the_end_of_a_shard_are_read()
    {
        var requests = new List<string>();
        var client = Client(
            requests, HttpStatusCode.OK, """{"Records":[{"eventName":"REMOVE","dynamodb":{"Keys":{},"SequenceNumber":"5"}}],"NextShardIterator":"next"}""");

        var page = await client.GetRecordsAsync(new("here", 1000), TestContext.Current.CancellationToken);
        var end = await Client([], HttpStatusCode.OK, """{"Records":[]}""").GetRecordsAsync(new("here"), TestContext.Current.CancellationToken);

        Assert.Equal("5", Assert.Single(page.Records).Dynamodb.SequenceNumber);
        Assert.Equal("next", page.NextShardIterator);
        Assert.Empty(end.Records);
        Assert.Null(end.NextShardIterator);
        Assert.Equal(["""DynamoDBStreams_20120810.GetRecords application/x-amz-json-1.0 {"ShardIterator":"here","Limit":1000}"""], requests);
    }

    [Fact]
    public async Task Shards_are_read_with_their_parents_and_ranges()
    {
        var client = Client([], HttpStatusCode.OK, """
            {"StreamDescription":{"StreamArn":"arn","StreamStatus":"ENABLED","LastEvaluatedShardId":"b","Shards":[
            {"ShardId":"a","SequenceNumberRange":{"StartingSequenceNumber":"1","EndingSequenceNumber":"9"}},{"ShardId":"b","ParentShardId":"a"}]}}
            """);

        var stream = (await client.DescribeStreamAsync(new("arn"), TestContext.Current.CancellationToken)).StreamDescription;

        Assert.Equal(("arn", "ENABLED", "b"), (stream.StreamArn, stream.StreamStatus, stream.LastEvaluatedShardId));
        Assert.Equal([new("a", null, new("1", "9")), new Shard("b", "a", new(null, null))], stream.Shards);
    }

    [Theory]
    [InlineData("""{"__type":"com.amazonaws.dynamodb.v20120810#ExpiredIteratorException","message":"too old"}""", "ExpiredIteratorException", "too old")]
    [InlineData("""{"__type":"TrimmedDataAccessException","Message":"gone"}""", "TrimmedDataAccessException", "gone")]
    [InlineData("""{}""", "", "")]
    [InlineData("""[]""", "", "")]
    [InlineData("<html>Bad gateway</html>", "InternalServerError", "400")]
    [InlineData("", "InternalServerError", "400")]
    public async Task Errors_of_the_service_are_told_by_their_type(string body, string errorCode, string message)
    {
        var client = Client([], HttpStatusCode.BadRequest, body);

        var error = await Assert.ThrowsAsync<DynamoDbStreamsException>(
            () => client.GetRecordsAsync(new("here"), TestContext.Current.CancellationToken));

        Assert.Equal(errorCode, error.ErrorCode);
        Assert.Contains(message, error.Message);
        Assert.Equal(errorCode == "ExpiredIteratorException", error.IsExpiredIterator);
        Assert.Equal(errorCode == "TrimmedDataAccessException", error.IsTrimmed);
    }

    private static Record Changed(string eventName, AttributeValue pk, AttributeValue sk, Dictionary<string, AttributeValue>? image) =>
        new("1", eventName, new StreamRecord(new() { ["pk"] = pk, ["sk"] = sk }, image, "1"));

    private static DynamoDbStreamsClient Client(List<string> requests, HttpStatusCode status, string body) =>
        new(new HttpClient(new Answering(requests, status, body)) { BaseAddress = new Uri("http://streams.test/") });

    private static Dictionary<string, AttributeValue> Read(string json) => AttributeValueJson.ReadItem(Parse(json));

    private static JsonElement Parse(string json) => JsonElement.Parse(json);

    private sealed class Answering(List<string> requests, HttpStatusCode status, string body) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            requests.Add($"{request.Headers.GetValues("X-Amz-Target").Single()} {request.Content!.Headers.ContentType} "
                + await request.Content.ReadAsStringAsync(cancellationToken));
            return new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8) };
        }
    }
}
