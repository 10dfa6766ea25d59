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

// A group shares its stores in a quick run.
(string Name, int Group, Func<BenchStack, bool, CancellationToken, Task> Run)[] cases =
[
    ("catchup-create", 1, CatchUpCases.CreateAsync),
    ("catchup-update", 1, CatchUpCases.UpdateAsync),
    ("publish-create", 2, PublishCases.CreateAsync),
    ("publish-update", 2, PublishCases.UpdateAsync),
    ("publish-sync", 2, PublishCases.SyncAsync),
    ("get", 2, GetCases.RunAsync),
    ("list", 2, ListCases.RunAsync),
    ("growth-versions", 2, GrowthCases.VersionsAsync),
    ("growth-items", 2, GrowthCases.ItemsAsync),
    ("publish-create-http", 2, HttpPublishCases.CreateAsync),
    ("publish-update-http", 2, HttpPublishCases.UpdateAsync),
    ("bulk", 2, HttpPublishCases.BulkAsync),
    ("visible-data", 2, VisibleCases.DataAsync),
    ("visible-postgres", 2, VisibleCases.PostgresAsync),
    ("search", 2, SearchCases.ShallowAsync),
    ("search-deep", 2, SearchCases.DeepAsync),
    ("memory-worker", 2, MemoryCases.WorkerAsync),
    ("start-api", 2, StartCases.ApiAsync),
    ("start-worker", 2, StartCases.WorkerAsync),
    ("start-web", 2, StartCases.WebAsync),
];
const string Backlog = "growth-backlog"; // It starts stores of its own.
string[] names = [.. cases.Select(c => c.Name), Backlog];
if (wanted.Except(names).ToList() is { Count: > 0 } unknown)
{
    Console.Error.WriteLine($"There is no case or option {string.Join(", ", unknown)}. The option is {Quick}; cases: {string.Join(", ", names)}");
    return 1;
}

Console.Error.WriteLine(
    $"{Environment.ProcessorCount} cores for the load, the stores and the services. The stores are those of a test: DynamoDB Local, and Postgres with "
    + "fsync=off, their files in memory (/dev/shm) if there is room.");

// Fresh stores: DynamoDB Local gets slower with the stream records that it holds.
foreach (var together in cases.Where(c => IsWanted(c.Name)).GroupBy(c => isQuick ? $"{c.Group}" : c.Name))
{
    await using var stack = await BenchStack.StartAsync(cancel.Token);
    foreach (var (name, _, run) in together)
    {
        await TimeAsync(name, () => run(stack, isQuick, cancel.Token));
    }
}

if (IsWanted(Backlog))
{
    await TimeAsync(Backlog, () => GrowthCases.BacklogAsync(isQuick, cancel.Token));
}

return 0;

bool IsWanted(string name) => wanted.Count == 0 || wanted.Contains(name);

static async Task TimeAsync(string name, Func<Task> run)
{
    var started = Stopwatch.GetTimestamp();
    await run();
    Console.Error.WriteLine($"{name}: {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
}
