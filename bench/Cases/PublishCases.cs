using Amazon.DynamoDBv2.Model;
using Cqrs;
using Cqrs.Items;
using Microsoft.Extensions.DependencyInjection;
using Modules.Products;

namespace Bench.Cases;

/// <summary>Publishing in process, against the conditional put of the same item, or the transaction, at the same concurrency.</summary>
internal static class PublishCases
{
    private static readonly int[] Concurrencies = [1, 16, 64];

    public static Task CreateAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("publish-create", stack, isQuick, isUpdate: false, cancellationToken);

    public static Task UpdateAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("publish-update", stack, isQuick, isUpdate: true, cancellationToken);

    /// <summary>The transaction holds what a synchronous create writes to DynamoDB; that it also writes to Postgres is the difference.</summary>
    public static async Task SyncAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        await using var kernel = await stack.StartKernelAsync("bench-", withWorkers: false, cancellationToken);
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        var tables = kernel.Services.GetRequiredService<TableNames>();
        var count = isQuick ? 300 : 1500;
        await new RawTable(stack, tables.Command(ProductModule.Kernel)).WarmUpAsync(isQuick, cancellationToken);
        await Load.RunAsync(count, 16, i => TransactAsync(stack, tables, i, cancellationToken));
        await Load.RunAsync(count, 16, i => commands.PublishSync(Sample.Create("warm", Keys.GenerateSk(), i), Sample.Options, cancellationToken));
        foreach (var conc in new[] { 1, 16 })
        {
            var rounds = await Rounds.RunAsync(
                isQuick,
                () => Load.RunAsync(count, conc, i => TransactAsync(stack, tables, i, cancellationToken)),
                () => Load.RunAsync(count, conc, async i => Accepted(
                    await commands.PublishSync(Sample.Create("bench", Keys.GenerateSk(), i), Sample.Options, cancellationToken))));
            Report.Print("publish-sync", conc, rounds.Own, "publishes/s", rounds.Raw, rounds.LatenciesMs);
        }
    }

    private static async Task RunAsync(string name, BenchStack stack, bool isQuick, bool isUpdate, CancellationToken cancellationToken)
    {
        await using var kernel = await stack.StartKernelAsync("bench-", withWorkers: false, cancellationToken);
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        // The same table for the raw puts: it has the stream that every command table has.
        var raw = new RawTable(stack, kernel.Services.GetRequiredService<TableNames>().Command(ProductModule.Kernel));
        var count = isQuick ? 400 : 3000;
        await raw.WarmUpAsync(isQuick, cancellationToken);
        await Load.RunAsync(1000, 32, i => commands.PublishAsync(Sample.Create("warm", Keys.GenerateSk(), i), Sample.Options, cancellationToken));
        foreach (var conc in Concurrencies)
        {
            var sks = new string[count];
            var rounds = await Rounds.RunAsync(
                isQuick,
                () => Load.RunAsync(count, conc, i => raw.PutAsync(i, cancellationToken)),
                () => Load.RunAsync(count, conc, async i => Accepted(await commands.PublishAsync(
                    isUpdate ? Sample.Update("bench", sks[i], 1, i + 1) : Sample.Create("bench", sks[i], i), Sample.Options, cancellationToken))),
                async () =>
                {
                    Array.ForEach(Enumerable.Range(0, count).ToArray(), i => sks[i] = Keys.GenerateSk());
                    if (isUpdate)
                    {
                        await Load.RunAsync(
                            count, 32, i => commands.PublishAsync(Sample.Create("bench", sks[i], i), Sample.Options, cancellationToken));
                    }
                });
            Report.Print(name, conc, rounds.Own, "publishes/s", rounds.Raw, rounds.LatenciesMs);
        }
    }

    private static Task TransactAsync(BenchStack stack, TableNames tables, int i, CancellationToken cancellationToken)
    {
        var command = Sample.Command("raw", Keys.GenerateSk(), 1, i);
        return stack.DynamoDb.TransactWriteItemsAsync(
            new TransactWriteItemsRequest
            {
                TransactItems =
                [
                    Put(tables.Command(ProductModule.Kernel), ItemFormat.ToItem(command)),
                    Put(tables.Data(ProductModule.Kernel), ItemFormat.ToItem(command.ToData())),
                ],
            },
            cancellationToken);

        static TransactWriteItem Put(string table, Dictionary<string, AttributeValue> item) =>
            new() { Put = new Put { TableName = table, Item = item, ConditionExpression = "attribute_not_exists(pk)" } };
    }

    private static void Accepted(PublishResult result)
    {
        if (result is not PublishResult.Accepted)
        {
            throw new InvalidOperationException($"A publish ended as {result.GetType().Name}.");
        }
    }
}
