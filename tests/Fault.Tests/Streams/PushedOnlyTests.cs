using System.Net;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Hosting;
using Cqrs.Items;
using Cqrs.Postgres.Hosting;
using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;
using Products;

namespace FaultTests.Streams;

/// <summary>
/// The two workers of a deployment where an event source mapping reads the streams: one does what has to be done beside them, the other
/// projects what is pushed and nothing else.
/// </summary>
[Collection(KernelCollection.Name)]
public sealed class PushedOnlyTests(FaultStack stack)
{
    private readonly ScriptedStreams _streams = new();

    [Fact]
    public async Task A_worker_that_reads_no_shards_is_healthy_and_asks_nothing_of_the_stream()
    {
        await using var worker = await StartAsync(await Place.NewAsync(stack), ("Stream:ReadsShards", "false"));
        var products = new ProductWriter(worker, FaultStack.NewTenant());
        var shard = _streams.AddShard("shard");
        await IsHealthyAsync(worker);
        await ReplayIsDoneAsync(worker);

        var command = await products.PublishAsync("a", "One");
        _streams.Put(shard, command);

        // Several rounds of looking for shards, of which each would have taken it.
        var rounds = await BeatAsync(worker);
        await Eventually.IsTrueAsync("it has looked again and again", async () => await BeatAsync(worker) > rounds + 3);
        Assert.Empty(_streams.Calls);
        Assert.Null(await worker.Postgres.RowAsync(command.Id));
        Assert.Equal(["#replay"], (await LeasesAsync(worker)).Select(lease => lease.ShardId));
    }

    [Fact]
    public async Task It_brings_up_what_workers_that_read_shards_have_left_behind_and_forgets_their_leases()
    {
        var place = await Place.NewAsync(stack);
        var shard = _streams.AddShard("shard");
        CommandModel behind;
        await using (var reader = await StartAsync(place))
        {
            await ReplayIsDoneAsync(reader);
            await Eventually.IsTrueAsync("the shard is read", async () => (await LeasesAsync(reader)).Any(lease => lease is { ShardId: "shard", Owner: not null }));
            await reader.StopAsync();
            behind = await new ProductWriter(reader, FaultStack.NewTenant()).PublishAsync("a", "One");
            _streams.Put(shard, behind);
        }

        await using var worker = await StartAsync(place, ("Stream:ReadsShards", "false"));

        await Eventually.IsTrueAsync("the command is projected", async () => await worker.Postgres.RowAsync(behind.Id) is not null);
        await Eventually.IsTrueAsync(
            "only the replay is left",
            async () => (await LeasesAsync(worker)) is [{ ShardId: "#replay", IsFinished: true }]);
    }

    // What deploy/README.md tells operators to do about commands that the mapping has given up.
    [Fact]
    public async Task It_replays_the_commands_when_the_mark_of_the_last_replay_is_taken_away()
    {
        await using var worker = await StartAsync(await Place.NewAsync(stack), ("Stream:ReadsShards", "false"));
        await ReplayIsDoneAsync(worker);
        var products = new ProductWriter(worker, FaultStack.NewTenant());
        var command = await products.PublishAsync("a", "One");
        Assert.Null(await worker.Postgres.RowAsync(command.Id));

        var replay = Assert.Single(await LeasesAsync(worker));
        await worker.Dynamo.DeleteItemAsync(
            worker.Place.Tables.StreamLease, Cqrs.Items.ItemFormat.ToKey(replay.StreamArn, "#replay"), TestContext.Current.CancellationToken);

        await Eventually.IsTrueAsync("the command is projected", async () => await worker.Postgres.RowAsync(command.Id) is not null);
        await products.CheckAsync();
    }

    [Fact]
    public async Task A_worker_that_is_only_pushed_to_waits_for_the_schema_and_then_projects()
    {
        var place = await Place.NewAsync(stack);
        await using var function = await StartAsync(place, ("Worker:PushedOnly", "true"), ("Events:Enabled", "true"));
        await Eventually.IsTrueAsync(
            "it has seen that nothing is migrated", () => Task.FromResult(function.Log.Lines.Any(line => line.Contains("not migrated", StringComparison.Ordinal))));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync(function));
        var early = PostAsync(function, "{\"Records\":[]}");

        await using var worker = await StartAsync(place, ("Stream:ReadsShards", "false"));
        await ReplayIsDoneAsync(worker);

        Assert.Equal(HttpStatusCode.OK, await early);
        await IsHealthyAsync(function);
        var products = new ProductWriter(function, FaultStack.NewTenant());
        await products.ProjectRecordsAsync(Records.Insert(await products.PublishAsync("a", "One")));
        await products.CheckAsync();
    }

    [Fact]
    public async Task A_worker_that_is_only_pushed_to_does_nothing_by_itself()
    {
        var place = await Place.NewAsync(stack);
        await using var worker = await Parts.CreateAsync(place);
        await using var function = await StartAsync(place, ("Worker:PushedOnly", "true"));

        await IsHealthyAsync(function);

        Assert.Equal(["SchemaWait"], function.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>()
            .Select(service => service.GetType())
            .Where(type => type.Namespace!.StartsWith("Cqrs", StringComparison.Ordinal))
            .Select(type => type.Name));
        Assert.Empty(await LeasesAsync(function));
        Assert.Empty(_streams.Calls);
    }

    [Fact]
    public async Task Tables_that_exist_are_left_as_they_are_by_who_may_only_describe_them()
    {
        var place = await Place.NewAsync(stack);
        await using var owner = await Parts.CreateAsync(place);

        var setup = ActivatorUtilities.CreateInstance<TableSetup>(owner.Services, (IAmazonDynamoDB)new MayOnlyDescribe(place.Stack.DynamoDbConfig()));
        await setup.EnsureTablesAsync(TestContext.Current.CancellationToken);

        var elsewhere = ActivatorUtilities.CreateInstance<TableSetup>(
            owner.Services, (IAmazonDynamoDB)new MayOnlyDescribe(place.Stack.DynamoDbConfig()), new TableNames($"{place.Prefix}other-"));
        var refused = await Assert.ThrowsAsync<AmazonDynamoDBException>(() => elsewhere.EnsureTablesAsync(TestContext.Current.CancellationToken));
        Assert.Equal("AccessDeniedException", refused.ErrorCode);
    }

    private async Task<Parts> StartAsync(Place place, params (string Name, string Value)[] settings)
    {
        var parts = await Parts.CreateAsync(
            place,
            builder => builder.Services.AddSingleton<IDynamoDbStreams>(_streams),
            builder =>
            {
                // What the worker does, it is told before its parts are added.
                foreach (var (name, value) in settings)
                {
                    builder.Configuration[name] = value;
                }

                builder.AddCqrs();
                builder.AddReadModel<ProductsContext>("productdb");
                builder.AddProducts();
            },
            setUp: false);
        await parts.StartAsync();
        return parts;
    }

    private static async Task<List<ShardLease>> LeasesAsync(Parts parts)
    {
        try
        {
            return await Queries.LeasesAsync(parts.Dynamo, parts.Place.Tables, FaultStack.Module);
        }
        catch (ResourceNotFoundException)
        {
            // The tables are being made.
            return [];
        }
    }

    private static Task ReplayIsDoneAsync(Parts parts) => Eventually.IsTrueAsync(
        "the replay is done", async () => (await LeasesAsync(parts)).Any(lease => lease is { ShardId: "#replay", IsFinished: true }));

    // Of the registry of workers: it counts up each time that the worker looks around.
    private static async Task<long> BeatAsync(Parts parts)
    {
        var workers = await parts.Dynamo.QueryAsync(
            new QueryRequest
            {
                TableName = parts.Place.Tables.StreamLease,
                KeyConditionExpression = "pk = :pk",
                ExpressionAttributeValues = new() { [":pk"] = new AttributeValue($"workers#{parts.Place.Tables.Command(FaultStack.Module)}") },
                ConsistentRead = true,
            },
            TestContext.Current.CancellationToken);
        return workers.Items.Sum(worker => long.Parse(worker["beat"].N, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static Task IsHealthyAsync(Parts parts) =>
        Eventually.GetAsync("it is healthy", () => HealthAsync(parts), status => status == HttpStatusCode.OK);

    private static async Task<HttpStatusCode> HealthAsync(Parts parts)
    {
        using var http = new HttpClient { BaseAddress = parts.Address };
        using var response = await http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> PostAsync(Parts parts, string body)
    {
        using var http = new HttpClient { BaseAddress = parts.Address };
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/events", UriKind.Relative), content, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    /// <summary>What DynamoDB answers to a role without the right; DynamoDB Local asks nobody for rights.</summary>
    private sealed class MayOnlyDescribe(AmazonDynamoDBConfig config) : AmazonDynamoDBClient("local", "local", config)
    {
        public override Task<CreateTableResponse> CreateTableAsync(CreateTableRequest request, CancellationToken cancellationToken = default) => throw Refusal();

        public override Task<UpdateTimeToLiveResponse> UpdateTimeToLiveAsync(
            UpdateTimeToLiveRequest request, CancellationToken cancellationToken = default) => throw Refusal();

        public override Task<PutItemResponse> PutItemAsync(PutItemRequest request, CancellationToken cancellationToken = default) => throw Refusal();

        private static AmazonDynamoDBException Refusal() => new("It is not authorized to do that.") { ErrorCode = "AccessDeniedException" };
    }
}
