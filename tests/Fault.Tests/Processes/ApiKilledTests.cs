using System.Collections.Concurrent;
using System.Net;
using Cqrs.CommandLog;
using Cqrs.Items;

namespace FaultTests.Processes;

/// <summary>The API is killed while it writes.</summary>
[Collection(SharedProcesses.Name)]
public sealed class ApiKilledTests(KilledStack stack)
{
    // 32a
    [Fact]
    public async Task What_a_synchronous_publish_left_when_the_API_was_killed_before_the_handlers_the_stream_completes()
    {
        var client = await stack.ClientAsync();
        var sks = Enumerable.Range(0, 6).Select(i => $"sync-{i}").ToList();
        foreach (var sk in sks.Take(3))
        {
            (await client.PostAsync(new { sk, name = "Before" }, "?mode=sync")).Is(HttpStatusCode.Created);
        }

        await using var kernel = await Parts.CreateAsync(new Place(stack, "", stack.ConnectionString), setUp: false);
        var data = kernel.Of<DataService>();
        List<Task> publishing;
        using (await stack.FreezeAsync(FaultStack.PostgresServer))
        {
            publishing = [.. sks.Select(sk => client.PostAsync(new { sk, name = "After", version = -1 }, "?mode=sync"))];
            await Eventually.IsTrueAsync(
                "all transactions are through",
                async () => (await data.GetVersionsAsync(sks.Select(sk => new ItemKey(client.Pk, sk)), TestContext.Current.CancellationToken))
                    is var versions && sks.Take(3).All(sk => versions.GetValueOrDefault(new(client.Pk, sk)) == 2) && versions.Count == 6,
                TimeSpan.FromSeconds(9));
            Assert.DoesNotContain(publishing, task => task.IsCompleted);

            await stack.KillAsync(FaultStack.Api);
        }

        foreach (var cutOff in publishing)
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => cutOff);
        }

        Assert.Equal(9, await stack.Oracle.CheckAsync(client.Tenant));

        await stack.StartAsync(FaultStack.Api);
        Assert.Equal("After", (await client.GetAsync("sync-5")).Is(HttpStatusCode.OK).Json["name"]!.GetValue<string>());
    }

    // 39
    [Fact]
    public async Task Requests_with_a_key_that_are_repeated_until_they_are_answered_are_done_once_whenever_the_API_was_killed()
    {
        const int Seed = 39;
        var client = await stack.ClientAsync();
        var answers = new ConcurrentDictionary<string, string>();
        var interrupted = 0;
        var next = 0;
        var writers = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i <= 500)
            {
                var body = new { name = $"Product {i}", code = i % 2 == 0 ? $"chosen-{i}" : null };
                for (var isAnswered = false; !isAnswered;)
                {
                    try
                    {
                        var answer = await client.PostAsync(body, i % 5 == 0 ? "?mode=sync" : "", ("Idempotency-Key", $"key-{i}"));
                        isAnswered = answer.Status is HttpStatusCode.Created or HttpStatusCode.Accepted;
                        Assert.True(isAnswered || answer.Status == HttpStatusCode.ServiceUnavailable, answer.ToString());
                        answers[$"key-{i}"] = answer.Sk;
                    }
                    catch (HttpRequestException)
                    {
                        Interlocked.Increment(ref interrupted);
                        await Task.Delay(100, TestContext.Current.CancellationToken);
                    }
                }
            }
        })).ToList();

        var random = new Random(Seed);
        for (var kills = 0; kills < 3; kills++)
        {
            var goal = Math.Min(490, answers.Count + 20 + random.Next(80));
            await Eventually.GetAsync(
                "requests are answered", () => Task.FromResult(answers.Count), count => count >= goal, TimeSpan.FromSeconds(60));
            await stack.KillAsync(FaultStack.Api);
            await stack.StartAsync(FaultStack.Api);
        }

        await Task.WhenAll(writers);
        Assert.True(interrupted > 0, "No request was interrupted.");
        Assert.Equal(500, answers.Values.Distinct().Count());
        Assert.Equal(
            500,
            await stack.Oracle.CheckAsync(
                client.Tenant, [.. answers.Select(answer => new Ack(answer.Value, 1, $"Product {answer.Key["key-".Length..]}"))]));
    }
}
