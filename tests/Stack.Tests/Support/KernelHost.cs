using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Cqrs.CommandLog;
using Cqrs.Hosting;
using Cqrs.Items;
using Cqrs.Operations;
using Cqrs.Postgres.Hosting;
using Cqrs.Projection;
using Cqrs.Publishing;
using Cqrs.Reading;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Products;

namespace StackTests.Support;

/// <summary>
/// The kernel in this process, with a module of its own or with the products and their Postgres, against the real DynamoDB. No worker reads
/// its stream: commands are applied when a test says so. All hosts share tables; each has a tenant of its own.
/// </summary>
internal sealed class KernelHost : IAsyncDisposable
{
    public const string TablePrefix = "kernel-";

    private static readonly CqrsModule Thing = new("thing", "THING");
    private static readonly ConcurrentDictionary<(Uri, string), Lazy<Task>> TablesByStore = new();

    private readonly IServiceProvider _services;
    private readonly IAsyncDisposable _owner;

    private KernelHost(Stack stack, Uri store, CqrsModule module, IReadOnlyList<RecordingHandler> handlers)
    {
        Module = module;
        Handlers = handlers;
        // The builder of a web application, because that is what the modules register themselves with.
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Tables:Prefix"] = TablePrefix;
        builder.Configuration[$"ConnectionStrings:productdb"] = stack.ConnectionString;
        var config = new AmazonDynamoDBConfig
        {
            ServiceURL = store.ToString(),
            AuthenticationRegion = "us-east-1",
            Timeout = TimeSpan.FromSeconds(5),
            MaxErrorRetry = 2,
            HttpClientFactory = Requests,
        };
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSingleton<IAmazonDynamoDB>(new AmazonDynamoDBClient(new BasicAWSCredentials("local", "local"), config));
        if (module == ProductModule.Kernel)
        {
            builder.AddCqrs();
            builder.AddReadModel<ProductsContext>("productdb");
            builder.AddProducts();
        }
        else
        {
            builder.AddCqrs();
            builder.Services.AddCqrsModule(module, [.. handlers.Select(handler => (Func<IServiceProvider, IDataSyncHandler>)(_ => handler))]);
        }

        var app = builder.Build();
        (_services, _owner) = (app.Services, app);
    }

    public CqrsModule Module { get; }

    public string Tenant { get; } = Stack.NewTenant();

    public string Pk => Module.PkOf(Tenant);

    public ManualTime Time { get; } = new();

    public RequestLog Requests { get; } = new(TablePrefix);

    public IReadOnlyList<RecordingHandler> Handlers { get; }

    public RecordingHandler Handler => Handlers[0];

    public IAmazonDynamoDB DynamoDb => _services.GetRequiredService<IAmazonDynamoDB>();

    public TableNames Tables => _services.GetRequiredService<TableNames>();

    public CommandService Commands => Of<CommandService>();

    public DataService Data => Of<DataService>();

    public Repository Repository => Of<Repository>();

    public HistoryService History => Of<HistoryService>();

    public ParkedCommands Parked => _services.GetRequiredService<ParkedCommands>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<KernelHost> StartAsync(Stack stack, params RecordingHandler[] handlers) =>
        StartAsync(stack, stack.DynamoDbEndpoint, handlers);

    /// <param name="stack">The stack whose DynamoDB has the tables.</param>
    /// <param name="store">Where the host finds it: it may be a proxy.</param>
    /// <param name="handlers">The module's handlers; one that records if there are none.</param>
    public static Task<KernelHost> StartAsync(Stack stack, Uri store, params RecordingHandler[] handlers) =>
        StartAsync(stack, store, Thing, handlers is [] ? [new RecordingHandler()] : handlers);

    /// <summary>A host of the product module, whose handler writes to Postgres.</summary>
    public static Task<KernelHost> StartProductsAsync(Stack stack) => StartAsync(stack, stack.DynamoDbEndpoint, ProductModule.Kernel, []);

    private static async Task<KernelHost> StartAsync(Stack stack, Uri store, CqrsModule module, RecordingHandler[] handlers)
    {
        await TablesByStore.GetOrAdd((stack.DynamoDbEndpoint, module.Name), _ => new(() => CreateTablesAsync(stack, module))).Value;
        return new KernelHost(stack, store, module, handlers);
    }

    public T Of<T>()
        where T : class =>
        _services.GetRequiredKeyedService<T>(Module.Name);

    public async ValueTask DisposeAsync() => await _owner.DisposeAsync();

    public ItemKey Key(string sk) => new(Pk, sk);

    /// <summary>An input on an item of this host's tenant.</summary>
    public CommandInput Input(string sk, long version = 0, string name = "Thing", string? attributes = null) => new()
    {
        Key = Key(sk),
        Name = name,
        Version = version,
        TenantCode = Tenant,
        Type = Module.Type,
        Attributes = attributes is null ? [] : (JsonObject)JsonNode.Parse(attributes)!,
    };

    public CommandOptions By(string user = "anna", string ip = "10.0.0.1") =>
        new($"[{Module.Name}]:KernelHost.By", new InvokeContext(new UserContext(user, Tenant), Guid.NewGuid().ToString("N"), ip));

    public Task<PublishResult> PublishAsync(CommandInput input, bool isSync = false, CommandOptions? options = null) => isSync
        ? Commands.PublishSync(input, options ?? By(), Token)
        : Commands.PublishAsync(input, options ?? By(), Token);

    public Task<PublishResult> PatchAsync(string sk, long version, string patch, bool isSync = false) => isSync
        ? Commands.PublishPartialUpdateSync(Key(sk), version, (JsonObject)JsonNode.Parse(patch)!, By(), Token)
        : Commands.PublishPartialUpdateAsync(Key(sk), version, (JsonObject)JsonNode.Parse(patch)!, By(), Token);

    /// <summary>Publishes, and expects it to be accepted.</summary>
    public async Task<CommandModel> AcceptAsync(CommandInput input, bool isSync = false, CommandOptions? options = null) =>
        Accepted(await PublishAsync(input, isSync, options));

    public static CommandModel Accepted(PublishResult result) => Assert.IsType<PublishResult.Accepted>(result).Command;

    /// <summary>Publishes versions up to a number, each with a name of its own: <c>sk 1</c>, <c>sk 2</c>.</summary>
    public async Task<List<CommandModel>> AcceptManyAsync(string sk, int upTo, int from = 1)
    {
        var commands = new List<CommandModel>();
        for (var version = from; version <= upTo; version++)
        {
            commands.Add(await AcceptAsync(Input(sk, version - 1, $"{sk} {version}")));
        }

        return commands;
    }

    /// <summary>Does what the worker does with commands of the stream.</summary>
    public Task ProjectAsync(params IReadOnlyList<CommandModel> commands) => Of<Projector>().ProjectAsync(commands, Token);

    /// <summary>The commands of an item as they are stored, in version order.</summary>
    public async Task<List<CommandModel>> LogAsync(string sk) =>
        [.. (await QueryAsync(Tables.Command(Module), $"{sk}@")).Select(ItemFormat.ToCommand).OrderBy(command => command.Version)];

    /// <summary>The history of an item as it is stored, in version order.</summary>
    public async Task<List<DataModel>> HistoryAsync(string sk) =>
        [.. (await QueryAsync(Tables.History(Module), $"{sk}@")).Select(ItemFormat.ToData).OrderBy(state => state.Version)];

    /// <summary>The data row of an item, expired or not.</summary>
    public async Task<DataModel?> DataAsync(string sk) =>
        await ItemAsync(Tables.Data(Module), sk) is { } item ? ItemFormat.ToData(item) : null;

    /// <summary>The reservations of the tenant: code to owner.</summary>
    public async Task<Dictionary<string, string>> ReservationsAsync() =>
        (await QueryAsync(Tables.Unique(Module), "CODE#")).ToDictionary(item => item["sk"].S["CODE#".Length..], item => item["id"].S);

    /// <summary>An item of a table as it is stored.</summary>
    public async Task<Dictionary<string, AttributeValue>?> ItemAsync(string table, string sk)
    {
        var response = await DynamoDb.GetItemAsync(
            new GetItemRequest { TableName = table, Key = ItemFormat.ToKey(Pk, sk), ConsistentRead = true }, Token);
        return response.IsItemSet ? response.Item : null;
    }

    public async Task<List<Dictionary<string, AttributeValue>>> QueryAsync(string table, string prefix, string? pk = null)
    {
        var items = new List<Dictionary<string, AttributeValue>>();
        Dictionary<string, AttributeValue>? startKey = null;
        do
        {
            var page = await DynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = table,
                    KeyConditionExpression = "pk = :pk AND begins_with(sk, :prefix)",
                    ExpressionAttributeValues = new() { [":pk"] = new() { S = pk ?? Pk }, [":prefix"] = new() { S = prefix } },
                    ExclusiveStartKey = startKey,
                    ConsistentRead = true,
                },
                Token);
            items.AddRange(page.Items);
            startKey = page.LastEvaluatedKey is { Count: > 0 } last ? last : null;
        }
        while (startKey is not null);

        return items;
    }

    private static async Task CreateTablesAsync(Stack stack, CqrsModule module)
    {
        await using var host = new KernelHost(stack, stack.DynamoDbEndpoint, module, []);
        await host._services.GetRequiredService<TableSetup>().EnsureTablesAsync(CancellationToken.None);
    }
}
