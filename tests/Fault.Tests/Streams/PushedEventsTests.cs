using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;
using Cqrs.Purging;
using Cqrs.Streams;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace FaultTests.Streams;

/// <summary>Stream batches that are pushed, as a Lambda event source mapping does it. Design, section 5.10.</summary>
[Collection(KernelCollection.Name)]
public sealed class PushedEventsTests(FaultStack stack) : IAsyncLifetime
{
    private Parts? _parts;
    private ProductWriter? _products;

    private Parts Parts => _parts!;

    private ProductWriter Products => _products!;

    public async ValueTask InitializeAsync() => await StartAsync(("Events:Enabled", "true"));

    public ValueTask DisposeAsync() => Parts.DisposeAsync();

    [Fact]
    public async Task A_batch_is_projected_and_no_failure_is_answered()
    {
        var commands = new[] { await Products.PublishAsync("a", "One"), await Products.PublishAsync("b", "One"), await Products.PublishAsync("a", "Two") };

        Assert.Empty(await FailuresAsync([.. commands.Select(Records.Insert)]));
        await Products.CheckAsync();
        Assert.Empty(await FailuresAsync([.. commands.Reverse().Select(Records.Insert)]));
        await Products.CheckAsync();
    }

    [Fact]
    public async Task Records_of_purged_items_take_them_down()
    {
        var command = await Products.PublishAsync("a", "One");
        Assert.Empty(await FailuresAsync(Records.Insert(command)));
        await Parts.Of<PurgeService>().PurgeAsync(command.Key, TestContext.Current.CancellationToken);

        Assert.Empty(await FailuresAsync(Records.Insert(command), Records.Remove(command)));

        Assert.Empty(await Parts.Oracle.DumpAsync(Products.Tenant));
    }

    [Fact]
    public async Task While_Postgres_is_down_the_batch_is_to_be_sent_again_and_then_goes_through()
    {
        var commands = new[] { await Products.PublishAsync("a", "One"), await Products.PublishAsync("a", "Two") };
        var records = commands.Select(Records.Insert).ToArray();
        await stack.StopAsync(FaultStack.PostgresServer);
        try
        {
            // Sent again from the first failure on.
            Assert.Equal(records[0].Dynamodb.SequenceNumber, (await FailuresAsync(records))[0]);
        }
        finally
        {
            await stack.StartAsync(FaultStack.PostgresServer);
        }

        Assert.Empty(await Products.ParkedAsync());
        Assert.Empty(await FailuresAsync(records));
        await Products.CheckAsync();
    }

    [Fact]
    public async Task A_command_at_fault_is_parked_and_not_sent_again()
    {
        var good = await Products.PublishAsync("good", "Good");
        var bad = good with { Sk = "bad@1", Id = Products.Key("bad").Id, Code = "bad", Name = "a\0b" };
        await Parts.Dynamo.PutItemAsync(
            Parts.Place.Tables.Command(FaultStack.Module), Cqrs.Items.ItemFormat.ToItem(bad), TestContext.Current.CancellationToken);

        Assert.Empty(await FailuresAsync(Records.Insert(bad), Records.Insert(good)));

        Assert.NotNull(await Parts.Postgres.RowAsync(good.Id));
        Assert.Equal("bad@1", Assert.Single(await Products.ParkedAsync()).Command!.Sk);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"PRODUCT#x"},"sk":{"S":"bad@1"}},"NewImage":{"a":{"N":1}},"SequenceNumber":"5"}}""")]
    [InlineData("""{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"N":"1"}},"NewImage":"x","SequenceNumber":"5"}}""")]
    [InlineData("deep")]
    public async Task A_record_that_cannot_be_read_is_parked_and_the_rest_of_its_batch_is_projected(string unreadable)
    {
        if (unreadable == "deep")
        {
            var maps = $"{string.Concat(Enumerable.Repeat("""{"M":{"a":""", 2000))}{{\"S\":\"x\"}}{new string('}', 4000)}";
            unreadable = $$$"""{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"PRODUCT#x"},"sk":{"S":"bad@1"}},"NewImage":{"a":{{{maps}}}},"SequenceNumber":"5"}}""";
        }

        var command = await Products.PublishAsync("a", "One");
        var batch = Event(Parts.Place.Tables.Command(FaultStack.Module), [Records.Insert(command)]).ToJsonString()
            .Replace("\"Records\":[", $"\"Records\":[{unreadable},", StringComparison.Ordinal);

        var (status, text) = await PostAsync(batch);

        Assert.Equal((HttpStatusCode.OK, """{"batchItemFailures":[]}"""), (status, text));
        await Products.CheckAsync();
        Assert.Equal("stream", Assert.Single(await Parts.Services.GetParked().ReadUnresolvedAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken)).Handler);
        Assert.Single(Parts.Alarms.Raised);
    }

    [Fact]
    public async Task Records_of_foreign_tables_are_passed_over()
    {
        var command = await Products.PublishAsync("a", "One");
        var body = Event("another-table", [Records.Insert(command)]);

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(body.ToJsonString())).Status);
        Assert.Null(await Parts.Postgres.RowAsync(command.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"Records\":null}")]
    [InlineData("{\"Records\":[null]}")]
    [InlineData("{\"Records\":[{}]}")]
    [InlineData("{\"Records\":[{\"eventSourceARN\":1}]}")]
    [InlineData("{\"Records\":[{\"eventSourceARN\":\"x\",\"dynamodb\":{}}]}")]
    [InlineData("{\"Records\":[{\"eventSourceARN\":\"x\",\"dynamodb\":{\"Keys\":{\"pk\":1}}}]}")]
    [InlineData("{\"Records\":[{\"eventSourceARN\":\"x\",\"dynamodb\":{\"Keys\":{\"pk\":{\"B\":\"?\"}}}}]}")]
    public async Task What_is_no_stream_event_is_refused(string body)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(body)).Status);
    }

    // A browser sends these to any address for a page of any site, without asking first.
    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/vnd.api+json")]
    public async Task An_event_that_is_not_sent_as_JSON_is_refused(string contentType)
    {
        var command = await Products.PublishAsync("a", "One");
        var body = Event(Parts.Place.Tables.Command(FaultStack.Module), [Records.Insert(command)]).ToJsonString();

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(body, contentType: contentType)).Status);
        Assert.Null(await Parts.Postgres.RowAsync(command.Id));
    }

    [Fact]
    public async Task It_is_off_unless_it_is_switched_on()
    {
        using var http = Aspire.Hosting.Testing.DistributedApplicationHostingTestingExtensions.CreateHttpClient(stack.App, FaultStack.Worker);
        using var content = new StringContent("{\"Records\":[]}", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/events", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task With_a_key_only_who_knows_it_may_push()
    {
        await Parts.DisposeAsync();
        await StartAsync(("Events:Enabled", "true"), ("Events:Key", "opensesame"));
        var body = Event(Parts.Place.Tables.Command(FaultStack.Module), [Records.Insert(await Products.PublishAsync("a", "One"))]).ToJsonString();

        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(body)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(body, "opensesam")).Status);
        Assert.Null(await Parts.Postgres.RowAsync(Products.Key("a").Id));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(body, "opensesame")).Status);
        await Products.CheckAsync();
    }

    [Fact]
    public async Task Without_a_key_only_callers_on_this_machine_may_push()
    {
        var outside = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(address => address.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Assert.SkipWhen(outside is null, "This machine has no address but its loopback.");
        await Parts.DisposeAsync();
        await StartAsync(("Events:Enabled", "true"), ("urls", "http://0.0.0.0:0"));

        Assert.Equal(HttpStatusCode.OK, (await PostAsync("{\"Records\":[]}", address: "127.0.0.1")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync("{\"Records\":[]}", address: outside!.ToString())).Status);
    }

    private async Task StartAsync(params (string Name, string Value)[] settings)
    {
        _parts = await Parts.CreateAsync(
            await Place.NewAsync(stack),
            builder =>
            {
                foreach (var (name, value) in settings)
                {
                    builder.Configuration[name] = value;
                }

                if (builder.Configuration["urls"] is { } urls)
                {
                    builder.WebHost.UseUrls(urls);
                }

                // What is pushed is all there is to read.
                builder.Services.AddSingleton<IDynamoDbStreams>(new ScriptedStreams());
            },
            setUp: false);
        _products = new ProductWriter(Parts, FaultStack.NewTenant());
        await Parts.StartAsync();
        await Eventually.IsTrueAsync("the schema is there", () => Task.FromResult(Parts.Services.GetRequiredService<SchemaReady>().WaitAsync(default).IsCompleted));
        await Eventually.IsTrueAsync(
            "the first replay is done",
            async () => (await Queries.LeasesAsync(stack.Dynamo, Parts.Place.Tables, FaultStack.Module)).Any(lease => lease.IsFinished));
    }

    private async Task<List<string>> FailuresAsync(params Record[] records)
    {
        var (status, text) = await PostAsync(Event(Parts.Place.Tables.Command(FaultStack.Module), records).ToJsonString());
        Assert.True(status == HttpStatusCode.OK, text);
        return [.. JsonNode.Parse(text)!["batchItemFailures"]!.AsArray().Select(failure => failure!["itemIdentifier"]!.GetValue<string>())];
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string body, string? key = null, string address = "127.0.0.1", string contentType = "application/json")
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{address}:{Parts.Address.Port}/events")
        {
            Content = new StringContent(body, Encoding.UTF8, contentType),
        };
        if (key is not null)
        {
            request.Headers.Add("x-events-key", key);
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    // The event of a Lambda function, with all that it has.
    private static JsonObject Event(string table, IEnumerable<Record> records) => new()
    {
        ["Records"] = new JsonArray([.. records.Select(record => new JsonObject
        {
            ["eventID"] = record.EventID,
            ["eventName"] = record.EventName,
            ["eventVersion"] = "1.1",
            ["eventSource"] = "aws:dynamodb",
            ["awsRegion"] = "us-east-1",
            ["dynamodb"] = Change(record),
            ["eventSourceARN"] = $"arn:aws:dynamodb:us-east-1:123456789012:table/{table}/stream/2026-01-01T00:00:00.000",
        })]),
    };

    private static JsonObject Change(Record record)
    {
        var change = new JsonObject
        {
            ["ApproximateCreationDateTime"] = 1767225600,
            ["Keys"] = ToJson(record.Dynamodb.Keys),
            ["SequenceNumber"] = record.Dynamodb.SequenceNumber,
            ["SizeBytes"] = 100,
            ["StreamViewType"] = "NEW_IMAGE",
        };
        if (record.Dynamodb.NewImage is { } image)
        {
            change["NewImage"] = ToJson(image);
        }

        return change;
    }

    private static JsonObject ToJson(Dictionary<string, AttributeValue> item) =>
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
