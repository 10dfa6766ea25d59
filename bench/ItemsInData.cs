using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Products;

namespace Bench;

/// <summary>Items that are in the read models as if they had been published long ago: to measure what others do beside them.</summary>
internal sealed class ItemsInData : IAsyncDisposable
{
    private readonly string[] _sks;
    private readonly string _pk;

    private ItemsInData(WebApplication kernel, string tenant, string[] sks)
    {
        Kernel = kernel;
        _sks = sks;
        _pk = ProductModule.Kernel.PkOf(tenant);
        Data = kernel.Services.GetRequiredService<TableNames>().Data(ProductModule.Kernel);
    }

    public WebApplication Kernel { get; }

    public string Data { get; }

    public static async Task<ItemsInData> CreateAsync(BenchStack stack, string tenant, int count, CancellationToken cancellationToken)
    {
        var kernel = await stack.StartKernelAsync(BenchStack.InProcess, withWorkers: false, cancellationToken);
        // In the order of their keys, as ULIDs are made.
        var sks = Enumerable.Range(0, count).Select(_ => Keys.GenerateSk()).Order(StringComparer.Ordinal).ToArray();
        await WriteAsync(stack, kernel, tenant, sks, withCommands: false, cancellationToken);
        return new ItemsInData(kernel, tenant, sks);
    }

    public ItemKey Key(int i) => new(_pk, _sks[i % _sks.Length]);

    public ValueTask DisposeAsync() => Kernel.DisposeAsync();

    /// <summary>An entry of the session table.</summary>
    public static Dictionary<string, AttributeValue> Remembered(string user, string tenant, ItemKey key, long version)
    {
        var entry = ItemFormat.ToKey($"{user}#{tenant}", $"{ProductModule.Name}#{key.Id}");
        entry["version"] = AttributeMap.Number(version);
        entry["ttl"] = AttributeMap.Number(DateTimeOffset.UtcNow.AddHours(2).ToUnixTimeSeconds());
        return entry;
    }

    /// <summary>Has a user have written some of the items lately.</summary>
    /// <param name="stack">Where.</param>
    /// <param name="user">Who.</param>
    /// <param name="every">Every how many items.</param>
    /// <param name="version">Which version: of a later one than the first there is only the command.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task WriteAsUserAsync(BenchStack stack, UserContext user, int every, long version, CancellationToken cancellationToken)
    {
        var tables = Kernel.Services.GetRequiredService<TableNames>();
        foreach (var chunk in _sks.Where((_, i) => i % every == 0).Chunk(25))
        {
            var commands = chunk.Select((sk, i) => Sample.Command(user.TenantCode, sk, version, i)).ToList();
            await PutAsync(
                stack, tables.Session, commands.Select(command => Remembered(user.UserId, user.TenantCode, command.Key, version)), cancellationToken);
            if (version > 1)
            {
                await PutAsync(stack, tables.Command(ProductModule.Kernel), commands.Select(ItemFormat.ToItem), cancellationToken);
            }
        }
    }

    /// <summary>Writes the first version of items into data and Postgres, and if it is asked for, their commands.</summary>
    public static Task WriteAsync(
        BenchStack stack,
        WebApplication kernel,
        string tenant,
        IReadOnlyList<string> sks,
        bool withCommands,
        CancellationToken cancellationToken)
    {
        var tables = kernel.Services.GetRequiredService<TableNames>();
        return WriteAsync(kernel, tenant, sks, async (batch, token) =>
        {
            foreach (var chunk in batch.Chunk(25))
            {
                if (withCommands)
                {
                    await PutAsync(stack, tables.Command(ProductModule.Kernel), chunk.Select(ItemFormat.ToItem), token);
                }

                await PutAsync(stack, tables.Data(ProductModule.Kernel), chunk.Select(command => ItemFormat.ToItem(command.ToData())), token);
            }
        }, cancellationToken);
    }

    /// <summary>Writes rows into Postgres alone.</summary>
    public static Task WriteRowsAsync(WebApplication kernel, string tenant, IReadOnlyList<string> sks, CancellationToken cancellationToken) =>
        WriteAsync(kernel, tenant, sks, (_, _) => Task.CompletedTask, cancellationToken);

    private static Task PutAsync(
        BenchStack stack, string table, IEnumerable<Dictionary<string, AttributeValue>> items, CancellationToken cancellationToken) =>
        BatchWriter.WriteAsync(stack.DynamoDb, table, items.Select(item => new WriteRequest(new PutRequest(item))), cancellationToken);

    private static async Task WriteAsync(
        WebApplication kernel,
        string tenant,
        IReadOnlyList<string> sks,
        Func<CommandModel[], CancellationToken, Task> before,
        CancellationToken cancellationToken)
    {
        var handler = ActivatorUtilities.CreateInstance<ProductSyncHandler>(kernel.Services);
        await Parallel.ForEachAsync(
            sks.Select((sk, i) => Sample.Command(tenant, sk, 1, i)).Chunk(500),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken },
            async (batch, token) =>
            {
                await before(batch, token);
                await handler.UpAsync(batch, token);
            });
    }
}
