using Cqrs.Items;
using Cqrs.Publishing;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;
using Products;

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
        await using var kernel = await stack.StartKernelAsync(BenchStack.InProcess, withWorkers: false, cancellationToken);
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        var raw = new RawTable(stack, kernel.Services.GetRequiredService<TableNames>());
        var count = isQuick ? 200 : 1500;
        await raw.WarmUpAsync(isQuick, cancellationToken);
        await raw.TransactAsync(count, 16, cancellationToken);
        await PublishAsync(count, 16);
        foreach (var conc in new[] { 1, 16 })
        {
            var rounds = await Rounds.RunAsync(
                isQuick, [() => PublishAsync(count, conc), () => raw.TransactAsync(count, conc, cancellationToken)]);
            Report.Print("publish-sync", conc, new Figure(rounds[0].PerSecond, "publishes/s", rounds[1].PerSecond, rounds[0].LatenciesMs));
        }

        Task<Measured> PublishAsync(int count, int conc)
        {
            var inputs = Enumerable.Range(0, count).Select(i => Sample.Create("bench", Keys.GenerateSk(), i)).ToArray();
            return Load.RunAsync(count, conc, async i => Accepted(await commands.PublishSync(inputs[i], Sample.Options, cancellationToken)));
        }
    }

    private static async Task RunAsync(string name, BenchStack stack, bool isQuick, bool isUpdate, CancellationToken cancellationToken)
    {
        await using var kernel = await stack.StartKernelAsync(BenchStack.InProcess, withWorkers: false, cancellationToken);
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        // The same table for the raw puts: it has the stream that every command table has.
        var raw = new RawTable(stack, kernel.Services.GetRequiredService<TableNames>());
        var count = isQuick ? 300 : 3000;
        await raw.WarmUpAsync(isQuick, cancellationToken);
        await PublishAsync(Inputs(1000), 32);
        foreach (var conc in Concurrencies)
        {
            var inputs = Inputs(count);
            var rounds = await Rounds.RunAsync(
                isQuick,
                [() => PublishAsync(inputs, conc), () => raw.PutAsync(count, conc, cancellationToken)],
                async () =>
                {
                    inputs = Inputs(count);
                    if (isUpdate)
                    {
                        await PublishAsync(inputs, 32);
                        inputs = [.. inputs.Select((input, i) => Sample.Update("bench", input.Key.Sk, 1, i + 1))];
                    }
                });
            Report.Print(name, conc, new Figure(rounds[0].PerSecond, "publishes/s", rounds[1].PerSecond, rounds[0].LatenciesMs));
        }

        static CommandInput[] Inputs(int count) => [.. Enumerable.Range(0, count).Select(i => Sample.Create("bench", Keys.GenerateSk(), i))];

        Task<Measured> PublishAsync(CommandInput[] inputs, int conc) => Load.RunAsync(
            inputs.Length, conc, async i => Accepted(await commands.PublishAsync(inputs[i], Sample.Options, cancellationToken)));
    }

    private static void Accepted(PublishResult result)
    {
        if (result is not PublishResult.Accepted)
        {
            throw new InvalidOperationException($"A publish ended as {result.GetType().Name}.");
        }
    }
}
