using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cqrs.CommandLog;
using Cqrs.Notifications;

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
            RecordJson.Text(stream, "LastEvaluatedShardId")));
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
        return new([.. Elements(answer.RootElement, "Records").Select(RecordJson.Read)], RecordJson.Text(answer.RootElement, "NextShardIterator"));
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
            [.. Elements(answer.RootElement, "Streams").Select(s => new StreamSummary(RecordJson.Text(s, "StreamArn")!, RecordJson.Text(s, "TableName")!))],
            RecordJson.Text(answer.RootElement, "LastEvaluatedStreamArn"));
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
            return await JsonDocument.ParseAsync(body, RecordJson.Options, cancellationToken);
        }

        throw await ReadErrorAsync((int)response.StatusCode, body, cancellationToken);
    }

    private static async Task<DynamoDbStreamsException> ReadErrorAsync(int status, Stream body, CancellationToken cancellationToken)
    {
        try
        {
            using var error = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            var type = RecordJson.Text(error.RootElement, "__type") ?? "";
            return new(type[(type.LastIndexOf('#') + 1)..], RecordJson.Text(error.RootElement, "message") ?? RecordJson.Text(error.RootElement, "Message") ?? "");
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
            RecordJson.Text(shard, "ShardId")!,
            RecordJson.Text(shard, "ParentShardId"),
            new SequenceNumberRange(RecordJson.Text(range, "StartingSequenceNumber"), RecordJson.Text(range, "EndingSequenceNumber")));
    }

    private static IEnumerable<JsonElement> Elements(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var elements) ? elements.EnumerateArray() : [];
}
