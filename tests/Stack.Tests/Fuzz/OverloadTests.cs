using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using StackTests.Faults;

namespace StackTests.Fuzz;

/// <summary>More load than the machine can take.</summary>
/// <remarks>Environment: <c>OVERLOAD_SECONDS</c> how long (8).</remarks>
[Collection(Alone.Name)]
public sealed class OverloadTests(OwnStack own) : IClassFixture<OwnStack>
{
    private const int Times = 4;
    private const double MaxMemoryMb = 1500;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("OVERLOAD_SECONDS") ?? "8", CultureInfo.InvariantCulture));

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private Stack Stack => own.Stack;

    [Fact]
    public async Task At_four_times_what_it_can_take_answers_stay_correct_memory_bounded_and_it_recovers_within_ten_seconds()
    {
        var client = await Stack.ClientAsync();
        await MeasureAsync(client, TimeSpan.FromSeconds(2));
        var capacity = await MeasureAsync(client, TimeSpan.FromSeconds(3));

        var statuses = new ConcurrentDictionary<HttpStatusCode, int>();
        var acknowledged = new ConcurrentDictionary<string, string>();
        var memory = 0.0;
        var sending = new List<Task>();
        var started = Stopwatch.GetTimestamp();
        using var ticks = new PeriodicTimer(Tick);
        while (Stopwatch.GetElapsedTime(started) < Length && await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            var due = (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * capacity * Times) - sending.Count;
            sending.AddRange(Enumerable.Range(sending.Count, due).Select(i => Task.Run(() => PostAsync(client, $"over-{i}", statuses, acknowledged))));
            memory = Math.Max(memory, Stack.ResidentMb(Stack.Api));
        }

        var loadEnded = Stopwatch.GetTimestamp();
        await Eventually.IsTrueAsync(
            "a new write is answered and readable within a second",
            async () =>
            {
                var asked = Stopwatch.GetTimestamp();
                var answer = await client.PostAsync(new { name = "After" });
                return answer.Status == HttpStatusCode.Created
                    && (await client.GetAsync(answer.Sk)).Status == HttpStatusCode.OK
                    && Stopwatch.GetElapsedTime(asked) < TimeSpan.FromSeconds(1);
            },
            TimeSpan.FromSeconds(10));
        var recovered = Stopwatch.GetElapsedTime(loadEnded);
        await Task.WhenAll(sending).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{capacity:F0} writes/s; {sending.Count} sent at {Times} times that: {string.Join(", ", statuses.Select(s => $"{(int)s.Key} {s.Value}"))}; "
            + $"at most {memory:F0} MB; recovered after {recovered.TotalSeconds:F1} s");
        Assert.Empty(statuses.Keys.Except([HttpStatusCode.Created, HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable]));
        Assert.True(statuses.GetValueOrDefault(HttpStatusCode.ServiceUnavailable) + statuses.GetValueOrDefault(HttpStatusCode.TooManyRequests) > 0, "It was no overload.");
        Assert.True(memory < MaxMemoryMb, $"The API took {memory:F0} MB.");

        // Nothing that was acknowledged is lost. What was answered 503 may be there or not: who asks again is told.
        await Eventually.GetAsync(
            "every acknowledged write is in Postgres",
            async () => await MissingAsync(client.Tenant, acknowledged.Keys),
            missing => missing == 0,
            TimeSpan.FromSeconds(60));
        foreach (var (sk, name) in acknowledged.Take(50))
        {
            Assert.Equal(name, (await client.GetAsync(sk)).Is(HttpStatusCode.OK).At("name")!.GetValue<string>());
        }
    }

    /// <summary>How many writes a second it answers when as many wait as it needs to be busy.</summary>
    private static async Task<double> MeasureAsync(ApiClient client, TimeSpan length)
    {
        var done = 0;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                (await client.PostAsync(new { name = "Measured" })).Is(HttpStatusCode.Created);
                Interlocked.Increment(ref done);
            }
        })));
        return done / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task PostAsync(
        ApiClient client, string sk, ConcurrentDictionary<HttpStatusCode, int> statuses, ConcurrentDictionary<string, string> acknowledged)
    {
        var answer = await client.PostAsync(new { sk, name = $"Name of {sk}" });
        statuses.AddOrUpdate(answer.Status, 1, (_, count) => count + 1);
        if (answer.Status == HttpStatusCode.Created)
        {
            Assert.Equal($"Name of {sk}", answer.At("name")!.GetValue<string>());
            acknowledged[sk] = $"Name of {sk}";
        }
        else
        {
            Assert.NotNull(answer.Response.Headers.RetryAfter);
        }
    }

    private async Task<int> MissingAsync(string tenant, ICollection<string> sks)
    {
        await using var command = Stack.Postgres.CreateCommand("SELECT sk FROM products WHERE tenant_code = @tenant");
        command.Parameters.AddWithValue("tenant", tenant);
        await using var rows = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var found = new HashSet<string>();
        while (await rows.ReadAsync(TestContext.Current.CancellationToken))
        {
            found.Add(rows.GetString(0));
        }

        return sks.Count(sk => !found.Contains(sk));
    }
}
