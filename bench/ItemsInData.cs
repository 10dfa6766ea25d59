using Amazon.DynamoDBv2.Model;
using Cqrs;
using Cqrs.Items;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Modules.Products;

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
        var kernel = await stack.StartKernelAsync($"{tenant}-", withWorkers: false, cancellationToken);
        // In the order of their keys, as ULIDs are made.
        var sks = Enumerable.Range(0, count).Select(_ => Keys.GenerateSk()).Order(StringComparer.Ordinal).ToArray();
        await WriteAsync(stack, kernel, tenant, sks, cancellationToken);
        return new ItemsInData(kernel, tenant, sks);
    }

    public ItemKey Key(int i) => new(_pk, _sks[i % _sks.Length]);

    public ValueTask DisposeAsync() => Kernel.DisposeAsync();

    /// <summary>Writes the first version of items into the data table, and their rows into Postgres.</summary>
    public static Task WriteAsync(
        BenchStack stack, WebApplication kernel, string tenant, IReadOnlyList<string> sks, CancellationToken cancellationToken)
    {
        var data = kernel.Services.GetRequiredService<TableNames>().Data(ProductModule.Kernel);
        return WriteAsync(kernel, tenant, sks, async (batch, token) =>
        {
            foreach (var chunk in batch.Chunk(25))
            {
                await BatchWriter.WriteAsync(
                    stack.DynamoDb, data, chunk.Select(command => new WriteRequest(new PutRequest(ItemFormat.ToItem(command.ToData())))), token);
            }
        }, cancellationToken);
    }

    /// <summary>Writes rows into Postgres alone.</summary>
    public static Task WriteRowsAsync(WebApplication kernel, string tenant, IReadOnlyList<string> sks, CancellationToken cancellationToken) =>
        WriteAsync(kernel, tenant, sks, (_, _) => Task.CompletedTask, cancellationToken);

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
