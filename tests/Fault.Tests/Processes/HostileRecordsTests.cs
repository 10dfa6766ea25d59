using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Cqrs.Items;

namespace FaultTests.Processes;

/// <summary>
/// Records that no publish would write, poured into the command table of a running worker beside the ordinary load of other tenants:
/// SOAK_HOSTILE_SECONDS says for how long (default: 20).
/// </summary>
[Collection(Alone.Name)]
public sealed class HostileRecordsTests(HostileRecordsTests.OwnStack stack) : IClassFixture<HostileRecordsTests.OwnStack>
{
    private const int Tenants = 3;
    private const int ItemsOfTenant = 40;
    private const int Turns = 10;

    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan BetweenHostileRecords = TimeSpan.FromMilliseconds(200);

    // The others are promised a second. In ten minutes alone on two cores the longest was half of that; here other tests run beside it.
    private static readonly TimeSpan MostOfThem = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnyOfThem = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("SOAK_HOSTILE_SECONDS") ?? "20", CultureInfo.InvariantCulture));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_other_tenants_hardly_notice_and_only_the_hostile_records_are_parked()
    {
        await using var kernel = await Parts.CreateAsync(new Place(stack, "", stack.ConnectionString), setUp: false);
        var enemy = new ProductWriter(kernel, FaultStack.NewTenant());
        var others = Enumerable.Range(0, Tenants).Select(_ => new ProductWriter(kernel, FaultStack.NewTenant())).ToList();
        var hostile = new HostileRecords(stack.Dynamo, stack.Tables.Command(FaultStack.Module), await enemy.PublishAsync("like", "Like"));
        // Code that has not run yet is slow: each kind once before.
        await PourAsync(hostile, TimeSpan.FromSeconds(4));
        await Task.WhenAll(others.Select(other => WriteAsync(other, TimeSpan.FromSeconds(2), [])));

        // Taking turns, so that what the machine does besides is in both.
        var (beside, without) = (new ConcurrentQueue<CommandModel>(), new ConcurrentQueue<CommandModel>());
        for (var turn = 0; turn < Turns; turn++)
        {
            var written = turn % 2 == 0 ? without : beside;
            var pouring = written == beside ? PourAsync(hostile, Duration / Turns) : Task.CompletedTask;
            await Task.WhenAll(others.Select(other => WriteAsync(other, Duration / Turns, written)));
            await pouring;
        }

        await Eventually.GetAsync(
            "all hostile records are parked",
            () => ParkedAsync(enemy),
            parked => parked.Count >= hostile.Parked.Count,
            TimeSpan.FromSeconds(60));
        Assert.Equal(hostile.Parked.Order(StringComparer.Ordinal), (await ParkedAsync(enemy)).Order(StringComparer.Ordinal));
        foreach (var other in others)
        {
            await stack.Oracle.CheckAsync(other.Tenant);
            Assert.Equal(0, await stack.ParkedAsync(other.Tenant));
        }

        await Eventually.IsTrueAsync(
            "the commands among them are applied",
            async () => await stack.Postgres.CountAsync(enemy.Tenant) == hostile.Readable.Count + 1);
        var finished = await FinishedAsync(others);
        var lags = LagsOf(beside, finished);
        Tell($"{2 * hostile.Written} hostile records; lag of the other tenants beside them: {lags}; in turns without them: {LagsOf(without, finished)}");
        Assert.True(lags.P99 < MostOfThem && lags.Max < AnyOfThem, lags.ToString());
    }

    private static async Task PourAsync(HostileRecords hostile, TimeSpan duration)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < duration;)
        {
            await hostile.WriteAsync(Cancellation);
            await Task.Delay(BetweenHostileRecords, Cancellation);
        }
    }

    private static async Task WriteAsync(ProductWriter products, TimeSpan duration, ConcurrentQueue<CommandModel> written)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; Stopwatch.GetElapsedTime(started) < duration; i++)
        {
            written.Enqueue(await products.PublishAsync($"item-{i % ItemsOfTenant}", $"Written {Guid.NewGuid():N}"));
            await Task.Delay(BetweenWrites, Cancellation);
        }
    }

    private static void Tell(string text)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        TestContext.Current.SendDiagnosticMessage(text);
    }

    private static Lags LagsOf(IReadOnlyCollection<CommandModel> written, ILookup<ItemKey, (long Version, DateTimeOffset At)> finished)
    {
        // Several versions of an item in one batch have one event.
        var lags = written
            .Select(command => finished[command.Key].Where(done => done.Version >= command.Version).Min(done => done.At) - command.UpdatedAt)
            .Order()
            .ToList();
        return new Lags(lags.Count, lags[lags.Count / 2], lags[lags.Count * 99 / 100], lags[^1]);
    }

    // When every read model had a version: the time of the transaction that tells it.
    private async Task<ILookup<ItemKey, (long Version, DateTimeOffset At)>> FinishedAsync(IEnumerable<ProductWriter> tenants)
    {
        await using var select = stack.Postgres.CreateCommand("SELECT pk, sk, version, at FROM events WHERE status = 'FINISHED' AND tenant_code = ANY(@tenants)");
        select.Parameters.AddWithValue("tenants", tenants.Select(tenant => tenant.Tenant).ToArray());
        await using var reader = await select.ExecuteReaderAsync(Cancellation);
        var finished = new List<(ItemKey Key, long Version, DateTimeOffset At)>();
        while (await reader.ReadAsync(Cancellation))
        {
            finished.Add((new(reader.GetString(0), reader.GetString(1)), reader.GetInt64(2), await reader.GetFieldValueAsync<DateTimeOffset>(3, Cancellation)));
        }

        return finished.ToLookup(one => one.Key, one => (one.Version, one.At));
    }

    private static async Task<List<string>> ParkedAsync(ProductWriter products) => [.. (await products.ParkedAsync()).Select(parked => parked.Sk!)];

    /// <summary>A stack of its own: nobody kills its parts.</summary>
    public sealed class OwnStack : FaultStack
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();
    }

    private sealed record Lags(int Count, TimeSpan P50, TimeSpan P99, TimeSpan Max)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Count} commands, p50 {P50.TotalMilliseconds:0} ms, p99 {P99.TotalMilliseconds:0} ms, max {Max.TotalMilliseconds:0} ms");
    }
}
