using System.Diagnostics;
using System.Net;

namespace FaultTests.Processes;

/// <summary>What people have done by hand while all goes on: a resync of a tenant's products, and purges of another's.</summary>
internal sealed class SoakOperations(ApiClient resynced, ApiClient purged, Random random)
{
    private const int Items = 6;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan AfterFault = TimeSpan.FromMilliseconds(200);

    /// <summary>Every second item is created anew under its key.</summary>
    public static int Left => Items / 2;

    /// <summary>The tenant whose products are purged.</summary>
    public string Purged => purged.Tenant;

    public async Task PrepareAsync()
    {
        for (var i = 0; i < Items; i++)
        {
            (await purged.PostAsync(Product(i, "Before"))).Is(HttpStatusCode.Created);
            (await purged.PatchAsync($"item-{i}", new { name = "Changed" }, ("If-Match", "*"))).Is(HttpStatusCode.OK);
        }
    }

    public async Task RunAsync()
    {
        var job = await RepeatAsync(
            () => resynced.SendAsync(HttpMethod.Put, $"/api/product/resync-data/{Uri.EscapeDataString(resynced.Pk)}"), HttpStatusCode.Accepted);
        for (var i = 0; i < Items; i++)
        {
            await Task.Delay(random.Next(1500), TestContext.Current.CancellationToken);
            // Not found: it was purged, and the answer was lost.
            await RepeatAsync(() => purged.ActAsync($"item-{i}", "purge"), HttpStatusCode.Accepted, HttpStatusCode.NotFound);
            if (i % 2 == 0)
            {
                await RepeatAsync(
                    () => purged.PostAsync(Product(i, "Anew")), HttpStatusCode.Created, HttpStatusCode.NoContent, HttpStatusCode.OK);
            }
        }

        await RepeatAsync(
            async () =>
            {
                var answer = await resynced.SendAsync(HttpMethod.Get, job.Response.Headers.Location!.OriginalString);
                var isGoingOn = answer.Status == HttpStatusCode.OK && answer.Json["status"]!.GetValue<string>() is "QUEUED" or "RUNNING";
                return isGoingOn ? throw new HttpRequestException(answer.ToString()) : answer;
            },
            answer => answer.Status == HttpStatusCode.OK
                && answer.Json["status"]!.GetValue<string>() == "COMPLETED" && answer.Json["failed"]!.GetValue<int>() == 0);
    }

    // The code moves on: what a purge frees can be had at once.
    private static object Product(int item, string name) => new { sk = $"item-{item}", name, code = $"{name}-{item}", version = -1 };

    private static Task<Answer> RepeatAsync(Func<Task<Answer>> ask, params HttpStatusCode[] expected) =>
        RepeatAsync(ask, answer => expected.Contains(answer.Status));

    /// <summary>Asks again while something is down.</summary>
    private static async Task<Answer> RepeatAsync(Func<Task<Answer>> ask, Func<Answer, bool> isExpected)
    {
        for (var started = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                var answer = await ask();
                if (answer.Status != HttpStatusCode.ServiceUnavailable)
                {
                    Assert.True(isExpected(answer), answer.ToString());
                    return answer;
                }
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException or TaskCanceledException && Stopwatch.GetElapsedTime(started) < Deadline)
            {
                // It is down.
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Deadline, "It is down for too long.");
            await Task.Delay(AfterFault, TestContext.Current.CancellationToken);
        }
    }
}
