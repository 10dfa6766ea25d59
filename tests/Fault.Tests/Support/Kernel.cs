using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Operations;
using Cqrs.Projection;
using Cqrs.Publishing;
using Cqrs.Streams;
using Cqrs.Tables;

namespace FaultTests.Support;

/// <summary>The kernel with the product module on real stores, with nothing running: the tests hand it its records.</summary>
public sealed class Kernel(FaultStack stack) : IAsyncLifetime
{
    private Parts? _parts;

    public Parts Parts => _parts ?? throw new InvalidOperationException("The kernel is not set up.");

    public FaultStack Stack => stack;

    public async ValueTask InitializeAsync() => _parts = await Parts.CreateAsync(await Place.NewAsync(stack));

    public async ValueTask DisposeAsync()
    {
        if (_parts is not null)
        {
            await _parts.DisposeAsync();
        }
    }
}

/// <summary>A tenant's products, published and projected step by step.</summary>
internal sealed class ProductWriter(Parts parts, string tenant, string module = "product")
{
    private CqrsModule Module => module == FaultStack.Module.Name ? FaultStack.Module : new CqrsModule(module, module.ToUpperInvariant());

    public string Tenant => tenant;

    public ItemKey Key(string sk) => new(Module.PkOf(tenant), sk);

    public CommandInput Input(string sk, string name, string? code = null, JsonObject? attributes = null, bool isDeleted = false, long? ttl = null) => new()
    {
        Key = Key(sk),
        Name = name,
        Code = code,
        Version = Keys.VersionLatest,
        TenantCode = tenant,
        Type = Module.Type,
        Ttl = ttl,
        IsDeleted = isDeleted,
        Attributes = attributes ?? new JsonObject { ["category"] = "Plain", ["price"] = 1.5m },
    };

    /// <summary>Publishes a new version of a product, which must be accepted.</summary>
    public async Task<CommandModel> PublishAsync(
        string sk, string name, string? code = null, JsonObject? attributes = null, bool isDeleted = false, long? ttl = null)
    {
        var result = await parts.Of<CommandService>(module).PublishAsync(
            Input(sk, name, code, attributes, isDeleted, ttl), Load.Options(tenant), TestContext.Current.CancellationToken);
        return Assert.IsType<PublishResult.Accepted>(result).Command;
    }

    public Task ProjectAsync(params IReadOnlyList<CommandModel> commands) =>
        parts.Of<Projector>(module).ProjectAsync(commands, TestContext.Current.CancellationToken, "shard-0 100");

    public Task ProjectRecordsAsync(params IReadOnlyList<Record> records) =>
        parts.Of<PushedRecords>(module).ProjectAsync(records, TestContext.Current.CancellationToken);

    /// <summary>The read models are right now what they must be.</summary>
    public Task CheckAsync() => parts.Oracle.CheckAsync(tenant, within: TimeSpan.Zero);

    public async Task<IReadOnlyList<ParkedCommand>> ParkedAsync() =>
        [.. (await parts.Services.GetParked().ReadUnresolvedAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken)).Where(p => p.Item is { } item && item.Key.Pk == Key("").Pk)];
}

internal static class Records
{
    private static long _sequence = 100_000_000_000_000_000;

    public static Record Insert(CommandModel command) => Insert(ItemFormat.ToItem(command));

    public static Record Insert(Dictionary<string, AttributeValue> item) => New("INSERT", item["pk"].S, item["sk"].S, item);

    public static Record Remove(CommandModel command) => New("REMOVE", command.Pk, command.Sk, null);

    /// <param name="name">INSERT, MODIFY or REMOVE.</param>
    /// <param name="pk">Partition key of the item.</param>
    /// <param name="sk">Sort key of the item.</param>
    /// <param name="image">The item as it is now, if it is.</param>
    public static Record New(string name, string pk, string sk, Dictionary<string, AttributeValue>? image) => new(
        Guid.NewGuid().ToString("N"),
        name,
        new StreamRecord(ItemFormat.ToKey(pk, sk), image, $"{Interlocked.Increment(ref _sequence)}00000"));

    public static ParkedCommands GetParked(this IServiceProvider services) =>
        (ParkedCommands)services.GetService(typeof(ParkedCommands))!;
}
