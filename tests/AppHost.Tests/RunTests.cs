using System.Net;
using System.Net.Http.Json;
using System.Net.NetworkInformation;

namespace AppHostTests;

/// <summary>Starting, stopping and starting again, with real processes.</summary>
public sealed class RunTests : IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _state = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _state.Dispose();

    [Fact]
    public async Task FreshCopyOfTheRepository_RunsByOneCommand_EvenBehindAProxy()
    {
        using var clone = new TemporaryFolder();
        Repository.CopyTo(clone.Path);
        var ports = new AppHostPorts();
        Repository.MovePorts(clone.Path, ports);
        await using var app = AppHostProcess.Run(clone.Path, _state.Path, ports, new()
        {
            // Nothing listens there. The programs of the build have their proxy, if any, by other names.
            ["HTTP_PROXY"] = "http://127.0.0.1:9",
            ["NO_PROXY"] = null,
            ["no_proxy"] = null,
        });

        await app.SaysAsync(AppHostProcess.Healthy);

        foreach (var line in new[] { $"http://localhost:{ports.Api}", $"http://localhost:{ports.Web}", $"http://localhost:{ports.Worker}", $"http://localhost:{ports.Dashboard}" })
        {
            Assert.Contains(line, app.Output, StringComparison.Ordinal);
        }

        using var web = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Contains("ProductAspire", await web.GetStringAsync(new Uri($"http://localhost:{ports.Web}"), Cancellation), StringComparison.Ordinal);
        using var dashboard = await web.GetAsync(new Uri($"http://localhost:{ports.Dashboard}"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, dashboard.StatusCode);

        var took = await app.TerminateCommandAsync();
        Assert.True(took < StopLimit, $"Ending took {took}.");
    }

    [Fact]
    public async Task Data_OutliveTerminationAndKill_AndGoWithFresh()
    {
        var ports = new AppHostPorts();
        await using (var first = AppHostProcess.Start(_state.Path, ports))
        {
            await first.SaysAsync(AppHostProcess.Healthy);
            AssertStoresListenOnLoopbackOnly(first);
            using var api = await first.ApiAsync();
            using var created = await api.PostAsJsonAsync("/api/product?mode=sync", new { sk = "kept", name = "Kept" }, Cancellation);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
            first.KillAndLeave();
        }

        // Right after the kill, while the orchestrator still ends what that run has started.
        await using (var second = AppHostProcess.Start(_state.Path, ports))
        {
            await second.SaysAsync(AppHostProcess.Healthy);
            await AssertHasAsync(second, "kept");

            var took = await second.TerminateAsync();
            Assert.True(took < StopLimit, $"Ending took {took}.");
        }

        await using var third = AppHostProcess.Start(_state.Path, ports, ["--fresh"]);
        await third.SaysAsync(AppHostProcess.Healthy);
        using var empty = await third.ApiAsync();
        Assert.Equal(0, (await empty.GetFromJsonAsync<Found>("/api/product/data", Cancellation))!.Total);

        var left = await third.KillAsync();
        Assert.True(left < KillLimit, $"After the kill, processes were there for {left}.");
    }

    private static async Task AssertHasAsync(AppHostProcess app, string sk)
    {
        using var api = await app.ApiAsync();
        using var item = await api.GetAsync(new Uri($"/api/product/data/PRODUCT%23demo/{sk}", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.OK, item.StatusCode);
        Assert.Equal(1, (await api.GetFromJsonAsync<Found>("/api/product/data", Cancellation))!.Total);
    }

    private static void AssertStoresListenOnLoopbackOnly(AppHostProcess app)
    {
        foreach (var store in new[] { "dynamodb", "postgres" })
        {
            var line = app.Output.Split('\n').Single(line => line.TrimStart().StartsWith($"{store} ", StringComparison.Ordinal));
            var port = new Uri(line[line.IndexOf("healthy", StringComparison.Ordinal)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1].Trim()).Port;
            var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(listener => listener.Port == port).ToList();
            Assert.NotEmpty(listeners);
            Assert.All(listeners, listener => Assert.True(IPAddress.IsLoopback(listener.Address), $"{store} listens on {listener}."));
        }
    }

    private sealed record Found(long Total);
}
