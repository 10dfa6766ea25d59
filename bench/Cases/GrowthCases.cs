using Amazon.DynamoDBv2.Model;
using Cqrs;
using Cqrs.Items;
using Microsoft.Extensions.DependencyInjection;
using Modules.Products;

namespace Bench.Cases;

/// <summary>How the cost of one operation grows with what is there already. The figure in <c>raw</c> is that of the smallest size.</summary>
internal static class GrowthCases
{
    private static readonly UserContext User = new("reader", "growth");

    /// <summary>What a worker takes for each command of a backlog, and what the raw writes take in stores that are as full.</summary>
    public static async Task BacklogAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        int[] sizes = isQuick ? [1000, 4000] : [10_000, 10_000, 100_000, 10_000];
        var rounds = sizes.Select((size, i) => (Size: size, Prefix: $"backlog-{i}-", RawName: $"backlog-{i}-raw")).ToList();
        const string WarmUp = "backlog-warm-";
        await CatchUpCases.PrepareAsync(stack, [WarmUp, .. rounds.SelectMany(round => new[] { round.Prefix, round.RawName + "-" })], cancellationToken);
        await CatchUpCases.CreatesAsync(stack, WarmUp, isQuick ? 200 : sizes[0], cancellationToken);
        var costs = new List<(int Size, double Own, double Raw)>();
        foreach (var (size, prefix, rawName) in rounds)
        {
            var own = await CatchUpCases.CreatesAsync(stack, prefix, size, cancellationToken);
            var raw = await CatchUpCases.RawAsync(stack, rawName, size, isUpdate: false, cancellationToken);
            costs.Add((size, 1e6 / own, 1e6 / raw));
        }

        Print("growth-backlog", cost => cost.Own);
        Print("growth-backlog, raw writes", cost => cost.Raw);

        void Print(string name, Func<(int Size, double Own, double Raw), double> microseconds)
        {
            var medians = sizes.Distinct().Select(size => (size, Report.Median(costs.Where(cost => cost.Size == size).Select(microseconds)))).ToList();
            foreach (var (size, median) in medians)
            {
                Report.Print(name, size, median, "µs per command", medians[0].Item2);
            }
        }
    }

    /// <summary>Finding the newest version of an item that has many, when the read models have none of them and when they have all.</summary>
    public static async Task VersionsAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        const string Tenant = "growth";
        await using var kernel = await stack.StartKernelAsync("versions-", withWorkers: false, cancellationToken);
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        var tables = kernel.Services.GetRequiredService<TableNames>();
        int[] sizes = [1, 10, 100, isQuick ? 1000 : 10_000];
        foreach (var (state, isApplied) in new[] { ("pending", false), ("applied", true) })
        {
            double? ten = null;
            foreach (var size in sizes)
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
                var (_, ms) = await Load.RunAsync(isQuick ? 200 : 1000, 1, async _ =>
                {
                    if ((await commands.GetNewestAsync(key, cancellationToken))?.Version != size)
                    {
                        throw new InvalidOperationException("Another version than the newest was found.");
                    }
                });
                var median = Report.Median(ms);
                ten = size == 10 ? median : ten;
                Report.Print("growth-versions", size, median, $"ms to find the newest, {state}", ten, ms);
            }
        }
    }

    /// <summary>Publishing, reading, listing and searching beside many items.</summary>
    public static async Task ItemsAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        const string Tenant = "growth";
        int[] sizes = isQuick ? [1000, 5000] : [10_000, 100_000];
        await using var kernel = await stack.StartKernelAsync("", withWorkers: false, cancellationToken);
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        var repository = kernel.Services.GetRequiredKeyedService<Repository>(ProductModule.Name);
        using var http = await stack.SignInAsync(Tenant, cancellationToken);
        var pk = ProductModule.Kernel.PkOf(Tenant);
        var sks = new List<string>();
        var smallest = new Dictionary<string, double>();
        var count = isQuick ? 200 : 1000;
        foreach (var size in sizes)
        {
            var more = Enumerable.Range(0, size - sks.Count).Select(_ => Keys.GenerateSk()).ToList();
            await ItemsInData.WriteAsync(stack, kernel, Tenant, more, cancellationToken);
            sks.AddRange(more);
            (string What, Func<int, Task> Run)[] operations =
            [
                ("publish", i => commands.PublishAsync(Sample.Create("beside", Keys.GenerateSk(), i), Sample.Options, cancellationToken)),
                ("get", i => repository.GetAsync(new ItemKey(pk, sks[i * 7 % size]), User, cancellationToken)),
                ("list", i => repository.ListAsync(pk, new ListPage(20, sks[i * 7 % size]), User, cancellationToken)),
                ("search", i => http.GetStringAsync($"/api/product/data?keyword=product+{i * 7 % size}", cancellationToken)),
            ];
            foreach (var (what, run) in operations)
            {
                await Load.RunAsync(count, 4, run);
                var (_, ms) = await Load.RunAsync(count, 1, run);
                smallest.TryAdd(what, Report.Median(ms));
                Report.Print("growth-items", size, Report.Median(ms), $"ms per {what}", smallest[what], ms);
            }
        }
    }
}
