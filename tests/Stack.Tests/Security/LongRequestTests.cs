using System.Net;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Limits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace StackTests.Security;

/// <summary>Long requests are limited by how many run at once, of a user and of the host; strangers by their address.</summary>
public sealed class LongRequestTests : IAsyncLifetime
{
    private const string Slow = "/slow";

    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly TaskCompletionSource _go = new();
    private WebApplication? _app;
    private int _running;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _go.TrySetResult();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    [Fact]
    public async Task So_many_of_a_user_and_so_many_of_the_host_run_at_once_and_the_next_may_when_one_has_ended()
    {
        var address = await StartAsync(("RateLimit:Import:PerHost", "3"), ("RateLimit:Import:PerUser", "2"), ("RateLimit:RequestsPerSecond", "1"));

        var running = new List<Task<Answer>> { Ask(address, "anna"), Ask(address, "anna") };
        await RunningAsync(2);
        AssertRefused(await Ask(address, "anna"));
        running.Add(Ask(address, "ben"));
        await RunningAsync(3);
        AssertRefused(await Ask(address, "chris"));
        Assert.All(running, request => Assert.False(request.IsCompleted));

        _go.SetResult();
        Assert.All(await Task.WhenAll(running), answer => answer.Is(HttpStatusCode.OK));
        // Imports do not count as requests per second, of which there is one.
        (await Ask(address, "anna")).Is(HttpStatusCode.OK);
        (await Ask(address, "chris")).Is(HttpStatusCode.OK);
        (await Ask(address, "chris")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task In_Development_nothing_is_limited_unless_it_is_configured()
    {
        var address = await StartAsync();

        var running = Enumerable.Range(0, 20).Select(_ => Ask(address, "anna")).ToList();
        await RunningAsync(20);
        _go.SetResult();

        Assert.All(await Task.WhenAll(running), answer => answer.Is(HttpStatusCode.OK));
    }

    [Fact]
    public async Task Those_without_a_good_token_share_what_their_address_may_ask_for()
    {
        var address = await StartAsync(("RateLimit:AnonymousRequestsPerSecond", "10"));

        using var http = new HttpClient { BaseAddress = address };
        var answers = await Task.WhenAll(Enumerable.Range(0, 200)
            .Select(i => new ApiClient(http, "acme", i % 2 == 0 ? null : $"forged-{i}").SendAsync(HttpMethod.Get, Slow)));

        Assert.True(answers.Count(answer => answer.Status == HttpStatusCode.Unauthorized) >= 10);
        AssertRefused(answers.First(answer => answer.Status == HttpStatusCode.TooManyRequests));
        _go.SetResult();
        (await Ask(address, "anna")).Is(HttpStatusCode.OK);
    }

    private static void AssertRefused(Answer answer) =>
        Assert.True(answer.IsProblem(HttpStatusCode.TooManyRequests, "too-many-requests").Response.Headers.RetryAfter!.Delta > TimeSpan.Zero);

    private static Task<Answer> Ask(Uri address, string user) =>
        new ApiClient(new HttpClient { BaseAddress = address }, "acme", DevTokens.Create(user, "acme", null, false, null)).SendAsync(HttpMethod.Get, Slow);
    private Task RunningAsync(int count) => Eventually.GetAsync(
        $"{count} requests run", () => Task.FromResult(Volatile.Read(ref _running)), running => running == count);

    // The limits and who asks, and nothing else of the API: no store is needed.
    private async Task<Uri> StartAsync(params (string Name, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => setting.Value));
        builder.AddIdentity();
        builder.AddRateLimits();
        builder.AddTimeLimits();
        _app = builder.Build();
        _app.UseRequestTimeouts();
        _app.UseAuthentication();
        _app.UseRateLimiter();
        _app.UseAuthorization();
        _app.MapGet(Slow, async () =>
        {
            Interlocked.Increment(ref _running);
            await _go.Task;
            return TypedResults.Ok();
        }).RequireAuthorization("tenant").RunsLong(LongRequest.Import);
        await _app.StartAsync(Token);
        return new Uri(_app.Urls.Single());
    }
}
