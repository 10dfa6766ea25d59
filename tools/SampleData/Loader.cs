using System.Diagnostics;

namespace SampleData;

/// <summary>The outcome of loading.</summary>
/// <param name="Posted">The answers of the API.</param>
/// <param name="InReadModel">How many of the products search finds in Postgres.</param>
/// <param name="Expected">How many it should find.</param>
/// <param name="PostedIn">How long posting took.</param>
/// <param name="SearchableIn">How long it took until all were found, from the beginning.</param>
public sealed record Loaded(Posted Posted, long InReadModel, long Expected, TimeSpan PostedIn, TimeSpan SearchableIn)
{
    public bool IsComplete => Posted.Errors.Count == 0 && InReadModel == Expected;
}

/// <summary>Posts sample products in batches and waits until the read model has them.</summary>
public static class Loader
{
    private const int BatchSize = 500;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <param name="http">Its base address is the API.</param>
    /// <param name="tenant">The tenant to load into.</param>
    /// <param name="count">How many products.</param>
    /// <param name="seed">Which products.</param>
    /// <param name="patience">How long search may go without finding more.</param>
    /// <param name="report">Is told how it goes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Loaded> LoadAsync(
        HttpClient http, string tenant, int count, int seed, TimeSpan patience, Action<string> report, CancellationToken cancellationToken)
    {
        // A user sees the own writes at once, whatever the worker's lag. Another user sees what Postgres has.
        var writer = new ProductApi(http, "sample-writer", tenant);
        var reader = new ProductApi(http, "sample-reader", tenant);
        var prefix = SampleProducts.CodePrefix(seed);
        var before = await reader.CountAsync(prefix, cancellationToken);

        var started = Stopwatch.GetTimestamp();
        var posted = new Posted(0, 0, []);
        foreach (var batch in SampleProducts.Generate(count, seed).Chunk(BatchSize))
        {
            posted += await writer.PostAsync(batch, cancellationToken);
            report($"{posted.New + posted.AlreadyThere + posted.Errors.Count} of {count} posted");
        }

        var postedIn = Stopwatch.GetElapsedTime(started);
        // Products that were there already may have been on their way into Postgres when they were counted.
        var expected = Math.Max(before + posted.New, posted.New + posted.AlreadyThere);
        var found = await WaitForAsync(reader, prefix, expected, patience, cancellationToken);
        return new Loaded(posted, found, expected, postedIn, Stopwatch.GetElapsedTime(started));
    }

    private static async Task<long> WaitForAsync(
        ProductApi reader, string prefix, long expected, TimeSpan patience, CancellationToken cancellationToken)
    {
        var found = await reader.CountAsync(prefix, cancellationToken);
        for (var changed = Stopwatch.GetTimestamp(); found != expected && Stopwatch.GetElapsedTime(changed) < patience;)
        {
            await Task.Delay(PollInterval, cancellationToken);
            var now = await reader.CountAsync(prefix, cancellationToken);
            changed = now == found ? changed : Stopwatch.GetTimestamp();
            found = now;
        }

        return found;
    }
}
