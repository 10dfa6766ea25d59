using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.AspNetCore.Hosting;
using Cqrs.AspNetCore.Worker;
using Cqrs.Hosting;
using Cqrs.Postgres.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using ProductAspire.ServiceDefaults;
using Products;

namespace StackTests.Telemetry;

/// <summary>A worker that is only pushed to may be frozen as soon as it has answered: what it has to tell is told by then.</summary>
/// <remarks>Alone, for it tells what all kernels of this process do, and beside thousands of publishes its own would not be kept.</remarks>
[Collection(Alone.Name)]
public sealed class PushedTelemetryTests(Stack stack)
{
    // None that comes by itself would come in time.
    private const string Never = "3600000";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Before_a_batch_is_answered_its_spans_and_logs_are_exported()
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var command = await kernel.AcceptAsync(kernel.Input("pushed"));
        var item = (await kernel.ItemAsync(kernel.Tables.Command(kernel.Module), command.Sk))!;
        await using var worker = await StartAsync(kernel, stack.Collector);
        using var caller = new Activity("caller") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();

        Assert.Equal(HttpStatusCode.OK, await PostAsync(
            worker, Insert(kernel.Tables.Command(kernel.Module), item, "1"), Insert("nobodys", item, "2")));

        var told = await stack.Dashboard.TraceAsync(caller.TraceId.ToHexString(), Cancellation);
        Assert.Contains(told.Spans, span => span.Name == "project product");
        Assert.Contains(told.Spans, span => span.Tags.GetValueOrDefault("db.system.name") == "postgresql");
        Assert.Contains(told.Logs, log => log.Text.Contains("nobodys", StringComparison.Ordinal));
    }

    private async Task<WebApplication> StartAsync(KernelHost kernel, Uri collector)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        foreach (var (name, value) in new[]
        {
            ("Tables:Prefix", KernelHost.TablePrefix),
            ("ConnectionStrings:productdb", stack.ConnectionString),
            ("Worker:PushedOnly", "true"),
            ("Events:Enabled", "true"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.ToString()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_BSP_SCHEDULE_DELAY", Never),
            ("OTEL_BLRP_SCHEDULE_DELAY", Never),
            ("OTEL_METRIC_EXPORT_INTERVAL", Never),
        })
        {
            builder.Configuration[name] = value;
        }

        builder.Services.AddSingleton<IAmazonDynamoDB>(kernel.DynamoDb);
        builder.AddServiceDefaults();
        builder.AddCqrs();
        builder.AddReadModel<ProductsContext>("productdb");
        builder.AddProducts();
        builder.AddCqrsWorker();
        var app = builder.Build();
        app.MapPushedEvents();
        await app.StartAsync(Cancellation);
        return app;
    }

    private static async Task<HttpStatusCode> PostAsync(WebApplication worker, params JsonObject[] records)
    {
        using var http = new HttpClient();
        using var body = new StringContent(new JsonObject { ["Records"] = new JsonArray([.. records]) }.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri($"{worker.Urls.Single()}/events"), body, Cancellation);
        return response.StatusCode;
    }

    private static JsonObject Insert(string table, Dictionary<string, AttributeValue> item, string sequenceNumber) => new()
    {
        ["eventID"] = sequenceNumber,
        ["eventName"] = "INSERT",
        ["eventSourceARN"] = $"arn:aws:dynamodb:us-east-1:123456789012:table/{table}/stream/2026-01-01T00:00:00.000",
        ["dynamodb"] = new JsonObject
        {
            ["Keys"] = ToJson(item.Where(attribute => attribute.Key is "pk" or "sk")),
            ["NewImage"] = ToJson(item),
            ["SequenceNumber"] = sequenceNumber,
        },
    };

    private static JsonObject ToJson(IEnumerable<KeyValuePair<string, AttributeValue>> item) =>
        new(item.Select(attribute => KeyValuePair.Create<string, JsonNode?>(attribute.Key, ToJson(attribute.Value))));

    private static JsonObject ToJson(AttributeValue value) => value switch
    {
        { S: { } text } => new() { ["S"] = text },
        { N: { } number } => new() { ["N"] = number },
        { BOOL: { } flag } => new() { ["BOOL"] = flag },
        { M: { } map } => new() { ["M"] = ToJson(map) },
        _ => throw new NotSupportedException(),
    };
}
