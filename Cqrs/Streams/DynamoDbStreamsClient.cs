using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cqrs.Streams;

/// <summary>
/// A thin client of the DynamoDB Streams API (version 2012-08-10, protocol JSON 1.0) over a signing <see cref="HttpClient"/>.
/// </summary>
/// <param name="http">Its base address is the endpoint of the service; its handler signs (<see cref="AwsSigningHandler"/>).</param>
public sealed class DynamoDbStreamsClient(HttpClient http) : IDynamoDbStreams
{
    private const string Target = "DynamoDBStreams_20120810.";
    private const string ContentType = "application/x-amz-json-1.0";

    /// <inheritdoc />
    public async Task<DescribeStreamResponse> DescribeStreamAsync(DescribeStreamRequest request, CancellationToken cancellationToken)
    {
        using var answer = await CallAsync(
            "DescribeStream",
            new JsonObject
            {
                ["StreamArn"] = request.StreamArn,
                ["Limit"] = request.Limit,
                ["ExclusiveStartShardId"] = request.ExclusiveStartShardId,
            },
            cancellationToken);
        var stream = answer.RootElement.GetProperty("StreamDescription");
        return new(new StreamDescription(
            stream.GetProperty("StreamArn").GetString()!,
            stream.GetProperty("StreamStatus").GetString()!,
            [.. Elements(stream, "Shards").Select(ReadShard)],
            Text(stream, "LastEvaluatedShardId")));
    }

    /// <inheritdoc />
    public async Task<string> GetShardIteratorAsync(GetShardIteratorRequest request, CancellationToken cancellationToken)
    {
        using var answer = await CallAsync(
            "GetShardIterator",
            new JsonObject
            {
                ["StreamArn"] = request.StreamArn,
                ["ShardId"] = request.ShardId,
                ["ShardIteratorType"] = request.ShardIteratorType.ToString(),
                ["SequenceNumber"] = request.SequenceNumber,
            },
            cancellationToken);
        return answer.RootElement.GetProperty("ShardIterator").GetString()!;
    }

    /// <inheritdoc />
    public async Task<GetRecordsResponse> GetRecordsAsync(GetRecordsRequest request, CancellationToken cancellationToken)
    {
        using var answer = await CallAsync(
            "GetRecords",
            new JsonObject { ["ShardIterator"] = request.ShardIterator, ["Limit"] = request.Limit },
            cancellationToken);
        return new([.. Elements(answer.RootElement, "Records").Select(ReadRecord)], Text(answer.RootElement, "NextShardIterator"));
    }

    /// <inheritdoc />
    public async Task<ListStreamsResponse> ListStreamsAsync(ListStreamsRequest request, CancellationToken cancellationToken)
    {
        using var answer = await CallAsync(
            "ListStreams",
            new JsonObject
            {
                ["TableName"] = request.TableName,
                ["Limit"] = request.Limit,
                ["ExclusiveStartStreamArn"] = request.ExclusiveStartStreamArn,
            },
            cancellationToken);
        return new(
            [.. Elements(answer.RootElement, "Streams").Select(s => new StreamSummary(Text(s, "StreamArn")!, Text(s, "TableName")!))],
            Text(answer.RootElement, "LastEvaluatedStreamArn"));
    }

    /// <summary>Reads a stream record, as GetRecords and Lambda events carry it.</summary>
    /// <exception cref="FormatException">The JSON is not a stream record.</exception>
    public static Record ReadRecord(JsonElement record)
    {
        if (record.ValueKind != JsonValueKind.Object
            || !record.TryGetProperty("dynamodb", out var change)
            || change.ValueKind != JsonValueKind.Object
            || !change.TryGetProperty("Keys", out var keys))
        {
            throw new FormatException("A stream record must have dynamodb.Keys.");
        }

        return new Record(
            Text(record, "eventID"),
            Text(record, "eventName") ?? "",
            new StreamRecord(
                AttributeValueJson.ReadItem(keys),
                change.TryGetProperty("NewImage", out var image) ? AttributeValueJson.ReadItem(image) : null,
                Text(change, "SequenceNumber") ?? ""));
    }

    private async Task<JsonDocument> CallAsync(string operation, JsonObject arguments, CancellationToken cancellationToken)
    {
        foreach (var absent in arguments.Where(argument => argument.Value is null).Select(argument => argument.Key).ToList())
        {
            arguments.Remove(absent);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(arguments.ToJsonString())),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        request.Headers.Add("X-Amz-Target", Target + operation);

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        }

        throw await ReadErrorAsync((int)response.StatusCode, body, cancellationToken);
    }

    private static async Task<DynamoDbStreamsException> ReadErrorAsync(int status, Stream body, CancellationToken cancellationToken)
    {
        try
        {
            using var error = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            var type = Text(error.RootElement, "__type") ?? "";
            return new(type[(type.LastIndexOf('#') + 1)..], Text(error.RootElement, "message") ?? Text(error.RootElement, "Message") ?? "");
        }
        catch (JsonException)
        {
            // A proxy in between, or a server that is going down, does not answer in JSON.
            return new("InternalServerError", $"The service answered with status {status}.");
        }
    }

    private static Shard ReadShard(JsonElement shard)
    {
        var range = shard.TryGetProperty("SequenceNumberRange", out var value) ? value : default;
        return new Shard(
            Text(shard, "ShardId")!,
            Text(shard, "ParentShardId"),
            new SequenceNumberRange(Text(range, "StartingSequenceNumber"), Text(range, "EndingSequenceNumber")));
    }

    private static IEnumerable<JsonElement> Elements(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var elements) ? elements.EnumerateArray() : [];

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
