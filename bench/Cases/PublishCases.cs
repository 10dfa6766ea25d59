using Amazon.DynamoDBv2.Model;
using Cqrs;
using Cqrs.Items;
using Microsoft.Extensions.DependencyInjection;
using Modules.Products;

namespace Bench.Cases;

/// <summary>Publishing in process, against the conditional put of the same item at the same concurrency.</summary>
internal static class PublishCases
{
    private static readonly int[] Concurrencies = [1, 16, 64];

    public static Task CreateAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("publish-create", stack, isQuick, isUpdate: false, cancellationToken);

    public static Task UpdateAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("publish-update", stack, isQuick, isUpdate: true, cancellationToken);

    private static async Task RunAsync(string name, BenchStack stack, bool isQuick, bool isUpdate, CancellationToken cancellationToken)
    {
        await using var kernel = await stack.StartKernelAsync("bench-", withWorkers: false, cancellationToken);
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        // The same table for the raw puts: it has the stream that every command table has.
        var table = kernel.Services.GetRequiredService<TableNames>().Command(ProductModule.Kernel);
        var count = isQuick ? 600 : 3000;
        await WarmUpAsync(stack, commands, table, cancellationToken);
        foreach (var conc in Concurrencies)
        {
            var (raw, own) = (new List<double>(), new List<double>());
            var latencies = new List<double>();
            for (var round = 0; round < 3; round++)
            {
                raw.Add((await Load.RunAsync(count, conc, i => PutAsync(stack, table, i, cancellationToken))).PerSecond);
                var sks = Enumerable.Range(0, count).Select(_ => Keys.GenerateSk()).ToArray();
                if (isUpdate)
                {
                    await Load.RunAsync(count, 32, i => commands.PublishAsync(Sample.Create("bench", sks[i], i), Sample.Options, cancellationToken));
                }

                var (perSecond, ms) = await Load.RunAsync(
                    count,
                    conc,
                    i => commands.PublishAsync(
                        isUpdate ? Sample.Update("bench", sks[i], 1, i + 1) : Sample.Create("bench", sks[i], i), Sample.Options, cancellationToken));
                own.Add(perSecond);
                latencies.AddRange(ms);
            }

            Report.Print(name, conc, Report.Median(own), "publishes/s", Report.Median(raw), latencies);
        }
    }

    private static async Task WarmUpAsync(BenchStack stack, CommandService commands, string table, CancellationToken cancellationToken)
    {
        await Load.RunAsync(4000, 32, i => PutAsync(stack, table, i, cancellationToken));
        await Load.RunAsync(1000, 32, i => commands.PublishAsync(
            Sample.Create("warm", Keys.GenerateSk(), i) with { TenantCode = "warm" }, Sample.Options, cancellationToken));
    }

    private static Task PutAsync(BenchStack stack, string table, int i, CancellationToken cancellationToken) => stack.DynamoDb.PutItemAsync(
        new PutItemRequest
        {
            TableName = table,
            Item = ItemFormat.ToItem(Sample.Command("raw", Keys.GenerateSk(), 1, i)),
            ConditionExpression = "attribute_not_exists(pk)",
        },
        cancellationToken);
}
