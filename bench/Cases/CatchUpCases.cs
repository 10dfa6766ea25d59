using System.Diagnostics;
using Amazon.DynamoDBv2.Model;
using Cqrs;
using Cqrs.Items;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Modules.Products;

namespace Bench.Cases;

/// <summary>
/// How fast a worker gets through a backlog, against the writes that are the least a command needs: one guarded put into data, for an update one
/// put into history, and its row in a multi-row upsert.
/// </summary>
internal static class CatchUpCases
{
    private const int RawConcurrency = 16;

    public static Task CreateAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("catchup-create", stack, isQuick, isUpdate: false, cancellationToken);

    public static Task UpdateAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("catchup-update", stack, isQuick, isUpdate: true, cancellationToken);

    /// <summary>Makes the tables of rounds to come: DynamoDB Local gets slow on a streamed table if others wrote much before its first item.</summary>
    public static async Task PrepareAsync(BenchStack stack, IEnumerable<string> prefixes, CancellationToken cancellationToken)
    {
        foreach (var prefix in prefixes)
        {
            await using var kernel = await stack.StartKernelAsync(prefix, withWorkers: false, cancellationToken);
            await PublishAsync(kernel, "first", 1, cancellationToken);
        }
    }

    /// <returns>How many creates of a backlog a worker gets through in a second.</returns>
    public static async Task<double> CreatesAsync(BenchStack stack, string prefix, int count, CancellationToken cancellationToken)
    {
        await using var kernel = await stack.StartKernelAsync(prefix, withWorkers: true, cancellationToken);
        await PublishAsync(kernel, prefix, count, cancellationToken);
        return await CatchUpAsync(stack, kernel, prefix, count, version: 1, cancellationToken);
    }

    private static async Task RunAsync(string name, BenchStack stack, bool isQuick, bool isUpdate, CancellationToken cancellationToken)
    {
        var count = isQuick ? 4000 : 20_000;
        var rounds = new List<(double Own, double Raw)>();
        var prefixes = Enumerable.Range(0, isQuick ? 1 : 3).Select(round => $"{name}-{round}-").ToArray();
        await PrepareAsync(stack, prefixes, cancellationToken);
        for (var round = 0; round < prefixes.Length; round++)
        {
            var prefix = prefixes[round];
            await using var kernel = await stack.StartKernelAsync(prefix, withWorkers: true, cancellationToken);
            var tenant = $"{name}{round}";
            var sks = await PublishAsync(kernel, tenant, count, cancellationToken);
            if (isUpdate)
            {
                // The first versions are projected before the clock runs; then the updates pile up while no worker reads.
                await CatchUpAsync(stack, kernel, tenant, count, version: 1, cancellationToken);
                await using var publisher = await stack.StartKernelAsync(prefix, withWorkers: false, cancellationToken);
                await UpdateAsync(publisher, tenant, sks, cancellationToken);
                await using var second = await stack.StartKernelAsync(prefix, withWorkers: true, cancellationToken);
                var own = await CatchUpAsync(stack, second, tenant, count, version: 2, cancellationToken);
                rounds.Add((own, await RawAsync(stack, $"{name}-raw{round}", count, isUpdate, cancellationToken)));
            }
            else
            {
                var own = await CatchUpAsync(stack, kernel, tenant, count, version: 1, cancellationToken);
                rounds.Add((own, await RawAsync(stack, $"{name}-raw{round}", count, isUpdate, cancellationToken)));
            }
        }

        Report.Print(name, 1, Report.Median(rounds.Select(r => r.Own)), "commands/s", Report.Median(rounds.Select(r => r.Raw)));
    }

    private static async Task<string[]> PublishAsync(WebApplication kernel, string tenant, int count, CancellationToken cancellationToken)
    {
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        var sks = Enumerable.Range(0, count).Select(_ => Keys.GenerateSk()).ToArray();
        await Load.RunAsync(count, 32, i => commands.PublishAsync(Sample.Create(tenant, sks[i], i), Sample.Options, cancellationToken));
        return sks;
    }

    private static async Task UpdateAsync(WebApplication kernel, string tenant, string[] sks, CancellationToken cancellationToken)
    {
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        await Load.RunAsync(sks.Length, 32, i => commands.PublishAsync(Sample.Update(tenant, sks[i], 1, i + 1), Sample.Options, cancellationToken));
    }

    // Data is written before Postgres: when the last row is there, everything is. To count rows all the while would slow them down.
    private static async Task<double> CatchUpAsync(
        BenchStack stack, WebApplication kernel, string tenant, int count, long version, CancellationToken cancellationToken)
    {
        using var projected = new ProjectedCommands();
        var started = Stopwatch.GetTimestamp();
        await kernel.StartAsync(cancellationToken);
        while (projected.Count < count)
        {
            await Task.Delay(10, cancellationToken);
        }

        while (await CountAsync(stack, tenant, version, cancellationToken) < count)
        {
            await Task.Delay(20, cancellationToken);
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        await kernel.StopAsync(cancellationToken);
        return count / elapsed.TotalSeconds;
    }

    private static async Task<long> CountAsync(BenchStack stack, string tenant, long version, CancellationToken cancellationToken)
    {
        await using var command = stack.Postgres.CreateCommand("SELECT count(*) FROM products WHERE tenant_code = @tenant AND version >= @version");
        command.Parameters.AddWithValue("tenant", tenant);
        command.Parameters.AddWithValue("version", version);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The raw minimum of writes of a backlog: guarded puts of data, history where there is some, and multi-row upserts; how many commands a second.</summary>
    public static async Task<double> RawAsync(BenchStack stack, string name, int count, bool isUpdate, CancellationToken cancellationToken)
    {
        await using var kernel = await stack.StartKernelAsync($"{name}-", withWorkers: false, cancellationToken);
        var tables = kernel.Services.GetRequiredService<TableNames>();
        var (data, history) = (tables.Data(ProductModule.Kernel), tables.History(ProductModule.Kernel));
        var handler = ActivatorUtilities.CreateInstance<ProductSyncHandler>(kernel.Services);
        var sks = Enumerable.Range(0, count).Select(_ => Keys.GenerateSk()).ToList();
        var commands = sks.Select((sk, i) => Sample.Command(name, sk, isUpdate ? 2 : 1, i)).ToList();
        if (isUpdate)
        {
            // An update finds its item and its row there.
            await ItemsInData.WriteAsync(stack, kernel, name, sks, cancellationToken);
        }

        var started = Stopwatch.GetTimestamp();
        foreach (var batch in commands.Chunk(1000))
        {
            if (isUpdate)
            {
                await Parallel.ForEachAsync(
                    batch.Chunk(25),
                    new ParallelOptions { MaxDegreeOfParallelism = RawConcurrency, CancellationToken = cancellationToken },
                    async (chunk, token) => await BatchWriter.WriteAsync(
                        stack.DynamoDb, history, chunk.Select(c => new WriteRequest(new PutRequest(ItemFormat.ToItem(c.ToData().ToHistory())))), token));
            }

            await Load.RunAsync(batch.Length, RawConcurrency, i => stack.DynamoDb.PutItemAsync(
                new PutItemRequest
                {
                    TableName = data,
                    Item = ItemFormat.ToItem(batch[i].ToData()),
                    ConditionExpression = "attribute_not_exists(pk) OR version < :version",
                    ExpressionAttributeValues = new() { [":version"] = new AttributeValue { N = "2" } },
                },
                cancellationToken));
            await handler.UpAsync(batch, cancellationToken);
        }

        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
