// How fast it is, against the raw limit of the same stores in the same run. One JSON line for each case and conc (see Report).
// dotnet run -c Release --project bench -- [--quick] [case…]
using System.Diagnostics;
using Bench;
using Bench.Cases;

const string Quick = "--quick";
var isQuick = args.Contains(Quick);
var wanted = args.Where(arg => arg != Quick).ToHashSet();
using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancel.Cancel();
};

(string Name, Func<bool, CancellationToken, Task> Run)[] withStoresOfTheirOwn =
[
    ("catchup-create", CatchUpCases.CreateAsync),
    ("catchup-update", CatchUpCases.UpdateAsync),
    ("growth-backlog", GrowthCases.BacklogAsync),
];
(string Name, Func<BenchStack, bool, CancellationToken, Task> Run)[] cases =
[
    ("publish-create", PublishCases.CreateAsync),
    ("publish-update", PublishCases.UpdateAsync),
    ("publish-sync", PublishCases.SyncAsync),
    ("get", GetCases.RunAsync),
    ("list", ListCases.RunAsync),
    ("growth-versions", GrowthCases.VersionsAsync),
    ("growth-items", GrowthCases.ItemsAsync),
    ("publish-create-http", HttpPublishCases.CreateAsync),
    ("publish-update-http", HttpPublishCases.UpdateAsync),
    ("bulk", HttpPublishCases.BulkAsync),
    ("visible-data", VisibleCases.DataAsync),
    ("visible-postgres", VisibleCases.PostgresAsync),
    ("search", SearchCases.ShallowAsync),
    ("search-deep", SearchCases.DeepAsync),
    ("memory-worker", MemoryCases.WorkerAsync),
    ("start-api", StartCases.ApiAsync),
    ("start-worker", StartCases.WorkerAsync),
    ("start-web", StartCases.WebAsync),
];
string[] names = [.. withStoresOfTheirOwn.Select(c => c.Name), .. cases.Select(c => c.Name)];
if (wanted.Except(names).ToList() is { Count: > 0 } unknown)
{
    Console.Error.WriteLine($"There is no case or option {string.Join(", ", unknown)}. The option is {Quick}; cases: {string.Join(", ", names)}");
    return 1;
}

Console.Error.WriteLine(
    $"{Environment.ProcessorCount} cores for the load, the stores and the services. The stores are those of a test: DynamoDB Local, and Postgres with "
    + "fsync=off, their files in memory (/dev/shm) if there is room.");

foreach (var (name, run) in withStoresOfTheirOwn.Where(c => IsWanted(c.Name)))
{
    await TimeAsync(name, () => run(isQuick, cancel.Token));
}

// Fresh stores for each, too: DynamoDB Local gets slower with the stream records that it holds. In a quick run all share them.
foreach (var together in cases.Where(c => IsWanted(c.Name)).GroupBy(c => isQuick ? "" : c.Name))
{
    await using var stack = await BenchStack.StartAsync(cancel.Token);
    foreach (var (name, run) in together)
    {
        await TimeAsync(name, () => run(stack, isQuick, cancel.Token));
    }
}

return 0;

bool IsWanted(string name) => wanted.Count == 0 || wanted.Contains(name);

static async Task TimeAsync(string name, Func<Task> run)
{
    var started = Stopwatch.GetTimestamp();
    await run();
    Console.Error.WriteLine($"{name}: {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
}
