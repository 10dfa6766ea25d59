// How fast it is, against the raw limit of the same stores in the same run. One JSON line for each figure.
// dotnet run -c Release --project bench -- [--quick] [case…]
using Bench;
using Bench.Cases;

var isQuick = args.Contains("--quick");
var wanted = args.Where(arg => !arg.StartsWith("--", StringComparison.Ordinal)).ToHashSet();
using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancel.Cancel();
};

(string Name, Func<BenchStack, bool, CancellationToken, Task> Run)[] cases =
[
    ("publish-create", PublishCases.CreateAsync),
    ("publish-update", PublishCases.UpdateAsync),
    ("catchup-create", CatchUpCases.CreateAsync),
    ("catchup-update", CatchUpCases.UpdateAsync),
    ("visible", VisibleCases.RunAsync),
    ("memory-worker", MemoryCases.WorkerAsync),
];
if (wanted.Except(cases.Select(c => c.Name)).ToList() is { Count: > 0 } unknown)
{
    Console.Error.WriteLine($"There is no case {string.Join(", ", unknown)}. Cases: {string.Join(", ", cases.Select(c => c.Name))}");
    return 1;
}

foreach (var (name, run) in cases.Where(c => wanted.Count == 0 || wanted.Contains(c.Name)))
{
    // Fresh stores for each case: DynamoDB Local gets slower with the stream records that it holds.
    Console.Error.WriteLine($"{name}…");
    await using var stack = await BenchStack.StartAsync(cancel.Token);
    await run(stack, isQuick, cancel.Token);
}

return 0;
