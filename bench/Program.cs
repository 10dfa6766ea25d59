// How fast it is, against the raw limit of the same stores in the same run. One JSON line for each figure.
// dotnet run -c Release --project bench -- [--quick] [case…]
using System.Diagnostics;
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

// A group shares its stores in a quick run.
(string Name, int Group, Func<BenchStack, bool, CancellationToken, Task> Run)[] cases =
[
    ("catchup-create", 1, CatchUpCases.CreateAsync),
    ("catchup-update", 1, CatchUpCases.UpdateAsync),
    ("growth-backlog", 1, GrowthCases.BacklogAsync),
    ("growth-versions", 2, GrowthCases.VersionsAsync),
    ("publish-create", 2, PublishCases.CreateAsync),
    ("publish-update", 2, PublishCases.UpdateAsync),
    ("publish-sync", 2, PublishCases.SyncAsync),
    ("get", 2, ReadCases.GetAsync),
    ("list", 2, ReadCases.ListAsync),
    ("publish-create-http", 3, HttpPublishCases.CreateAsync),
    ("publish-update-http", 3, HttpPublishCases.UpdateAsync),
    ("bulk", 3, HttpPublishCases.BulkAsync),
    ("visible-data", 3, VisibleCases.DataAsync),
    ("visible-postgres", 3, VisibleCases.PostgresAsync),
    ("search", 3, SearchCases.ShallowAsync),
    ("search-deep", 3, SearchCases.DeepAsync),
    ("growth-items", 3, GrowthCases.ItemsAsync),
    ("start-api", 3, StartCases.ApiAsync),
    ("start-worker", 3, StartCases.WorkerAsync),
    ("memory-worker", 3, MemoryCases.WorkerAsync),
];
if (wanted.Except(cases.Select(c => c.Name)).ToList() is { Count: > 0 } unknown)
{
    Console.Error.WriteLine($"There is no case {string.Join(", ", unknown)}. Cases: {string.Join(", ", cases.Select(c => c.Name))}");
    return 1;
}

// Fresh stores: DynamoDB Local gets slower with the stream records that it holds.
foreach (var together in cases.Where(c => wanted.Count == 0 || wanted.Contains(c.Name)).GroupBy(c => isQuick ? $"{c.Group}" : c.Name))
{
    await using var stack = await BenchStack.StartAsync(cancel.Token);
    foreach (var (name, _, run) in together)
    {
        var started = Stopwatch.GetTimestamp();
        await run(stack, isQuick, cancel.Token);
        Console.Error.WriteLine($"{name}: {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
    }
}

return 0;
