using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Publishing;
using Cqrs.Reading;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;
using Products;

namespace Bench.Cases;

/// <summary>
/// How the cost of one operation grows with what is there already. The figure in <c>raw</c> is that of the smallest size; of versions, that of ten.
/// </summary>
internal static class GrowthCases
{
    private static readonly UserContext User = new("reader", "growth");

    /// <summary>
    /// Measures the time of a worker for each command of a backlog, and that of the least writes, each pair in fresh stores of its own. DynamoDB Local
    /// gets slower with every stream record that it holds, whatever table is written: so all stores hold the commands of the largest backlog, some
    /// of them in a table that nobody reads.
    /// </summary>
    public static async Task BacklogAsync(bool isQuick, CancellationToken cancellationToken)
    {
        int[] sizes = isQuick ? [1000, 3000] : [10_000, 100_000];
        var costs = new List<(int Size, double Own, ProjectionCost Raw)>();
        for (var round = 0; round < (isQuick ? 1 : 3); round++)
        {
            foreach (var size in sizes)
            {
                await using var stack = await BenchStack.StartAsync(cancellationToken);
                await CatchUpCases.PrepareAsync(stack, ["backlog-"], isQuick, cancellationToken);
                await WriteUnreadAsync(stack, sizes[^1] - size, cancellationToken);
                var (own, raw) = (0.0, new ProjectionCost(0, 0, 0));
                await CatchUpCases.TakeTurnsAsync(
                    round,
                    async () => own = await CatchUpCases.CreatesAsync(stack, "backlog-", size, cancellationToken),
                    async () => raw = await RawProjection.RunAsync(stack, "backlog-raw", size, isUpdate: false, cancellationToken));
                costs.Add((size, own, raw));
            }
        }

        foreach (var size in sizes)
        {
            Report.Print(
                "growth-backlog",
                size,
                Of(cost => cost.Own),
                Of(cost => cost.Raw.All) with { What = "the least writes" },
                Of(cost => cost.Raw.Puts) with { What = "the least writes: until the last put into DynamoDB" },
                Of(cost => cost.Raw.Rows) with { What = "the least writes: statements in Postgres, beside the puts" });

            Figure Of(Func<(int Size, double Own, ProjectionCost Raw), double> microseconds) =>
                new(Median(size, microseconds), "µs per command", Median(sizes[0], microseconds));
        }

        double Median(int size, Func<(int Size, double Own, ProjectionCost Raw), double> microseconds) =>
            Report.Median(costs.Where(cost => cost.Size == size).Select(microseconds));
    }

    private static async Task WriteUnreadAsync(BenchStack stack, int count, CancellationToken cancellationToken)
    {
        const string Prefix = "unread-";
        await stack.PrepareTablesAsync([Prefix], cancellationToken);
        var table = new TableNames(Prefix).Command(ProductModule.Kernel);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count).Chunk(25),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken },
            async (chunk, token) => await BatchWriter.WriteAsync(
                stack.DynamoDb,
                table,
                chunk.Select(i => new WriteRequest(new PutRequest(ItemFormat.ToItem(Sample.Command("unread", Keys.GenerateSk(), 1, i))))),
                token));
    }

    /// <summary>Finding the newest version of an item that has many, when the read models have none of them and when they have all.</summary>
    public static async Task VersionsAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        const string Tenant = "growth";
        await using var kernel = await stack.StartKernelAsync(BenchStack.InProcess, withWorkers: false, cancellationToken);
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        var tables = kernel.Services.GetRequiredService<TableNames>();
        int[] sizes = [1, 10, 100, isQuick ? 1000 : 10_000];
        var (ten, tenPending) = (0.0, 0.0);
        foreach (var size in sizes)
        {
            var applied = await MeasureAsync(size, isApplied: true);
            var pending = await MeasureAsync(size, isApplied: false);
            (ten, tenPending) = size <= 10 ? (applied.MedianMs, pending.MedianMs) : (ten, tenPending);
            const string Unit = "ms to find the newest";
            Report.Print(
                "growth-versions",
                size,
                new Figure(applied.MedianMs, Unit, ten, applied.LatenciesMs),
                new Figure(pending.MedianMs, Unit, tenPending, pending.LatenciesMs, "no version is projected yet"));
        }

        async Task<Measured> MeasureAsync(int size, bool isApplied)
        {
            var sk = Keys.GenerateSk();
            var versions = Enumerable.Range(1, size).Select(version => Sample.Command(Tenant, sk, version, version)).ToList();
            await Parallel.ForEachAsync(versions.Chunk(25), cancellationToken, async (chunk, token) => await BatchWriter.WriteAsync(
                stack.DynamoDb, tables.Command(ProductModule.Kernel), chunk.Select(c => new WriteRequest(new PutRequest(ItemFormat.ToItem(c)))), token));
            if (isApplied)
            {
                await stack.DynamoDb.PutItemAsync(
                    tables.Data(ProductModule.Kernel), ItemFormat.ToItem(versions[^1].ToData()), cancellationToken);
            }

            var key = versions[0].Key;
            await Load.RunAsync(isQuick ? 100 : 300, 4, _ => commands.GetNewestAsync(key, cancellationToken));
            return await Load.RunAsync(isQuick ? 200 : 1000, 1, async _ =>
            {
                if ((await commands.GetNewestAsync(key, cancellationToken))?.Version != size)
                {
                    throw new InvalidOperationException("Another version than the newest was found.");
                }
            });
        }
    }

    /// <summary>Publishing, reading, listing and searching beside many items: their commands, data and rows.</summary>
    public static async Task ItemsAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        const string Tenant = "growth";
        int[] sizes = isQuick ? [1000, 5000] : [10_000, 100_000];
        await using var kernel = await stack.StartKernelAsync(BenchStack.InProcess, withWorkers: false, cancellationToken);
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        var repository = kernel.Services.GetRequiredKeyedService<Repository>(ProductModule.Name);
        using var http = await stack.SignInAsync(Tenant, cancellationToken);
        var pk = ProductModule.Kernel.PkOf(Tenant);
        var sks = new List<string>();
        var smallest = new Dictionary<string, double>();
        var count = isQuick ? 100 : 1000;
        foreach (var size in sizes)
        {
            var more = Enumerable.Range(0, size - sks.Count).Select(_ => Keys.GenerateSk()).ToList();
            await ItemsInData.WriteAsync(stack, kernel, Tenant, more, withCommands: true, cancellationToken);
            sks.AddRange(more);
            // Autovacuum would do so within a minute.
            await using var analyze = stack.Postgres.CreateCommand("ANALYZE products");
            await analyze.ExecuteNonQueryAsync(cancellationToken);
            (string What, Func<int, Task> Run)[] operations =
            [
                ("publish", i => commands.PublishAsync(Sample.Create(Tenant, Keys.GenerateSk(), i), Sample.Options, cancellationToken)),
                ("get", i => repository.GetAsync(new ItemKey(pk, sks[i * 7 % size]), User, cancellationToken)),
                ("list", i => repository.ListAsync(pk, new ListPage(20, sks[i * 7 % size]), User, cancellationToken)),
                ("search", i => http.GetStringAsync($"/api/product/data?keyword=product+{i * 7 % size}", cancellationToken)),
            ];
            var figures = new List<Figure>();
            foreach (var (what, run) in operations)
            {
                await Load.RunAsync(count, 4, run);
                var measured = await Load.RunAsync(count, 1, run);
                smallest.TryAdd(what, measured.MedianMs);
                figures.Add(new Figure(measured.MedianMs, $"ms per {what}", smallest[what], measured.LatenciesMs, what));
            }

            Report.Print("growth-items", size, figures[0] with { What = null }, [.. figures.Skip(1)]);
        }
    }
}
