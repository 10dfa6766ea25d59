using System.Net;
using System.Net.NetworkInformation;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Tests;

/// <summary>Calls on this machine stay on it, and a port that is none is refused in one line.</summary>
public sealed class LocalCallTests : IDisposable
{
    private readonly TemporaryFolder state = new();
    private readonly Ports ports = new();

    public void Dispose()
    {
        ports.Dispose();
        state.Dispose();
    }

    [Fact]
    public async Task A_run_behind_a_proxy_comes_up_and_its_stores_listen_on_loopback_only()
    {
        await using var app = AppHostProcess.Start(state.Path, ports, environment: new()
        {
            // Nothing listens there.
            ["HTTP_PROXY"] = "http://127.0.0.1:9",
            ["NO_PROXY"] = null,
            ["no_proxy"] = null,
        });

        await app.Says("Everything runs.", 90);

        foreach (var store in new[] { "dynamodb", "postgres" })
        {
            var line = app.Output.Split('\n').Last(line => line.TrimStart().StartsWith($"{store} ", StringComparison.Ordinal) && line.Contains("healthy"));
            var port = new Uri(line.Trim().Split(' ')[^1]).Port;
            var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(listener => listener.Port == port).ToList();
            Assert.NotEmpty(listeners);
            Assert.All(listeners, listener => Assert.True(
                IPAddress.IsLoopback(listener.Address) || (listener.Address.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(listener.Address.MapToIPv4())),
                $"{store} listens on {listener}."));
        }
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("0")]
    [InlineData("70000")]
    public async Task A_port_that_is_none_is_refused_in_one_line(string port)
    {
        await using var app = AppHostProcess.Start(state.Path, ports, environment: new() { ["PRODUCT_API_PORT"] = port });

        Assert.Equal(1, await app.Ends());
        Assert.Contains($"PRODUCT_API_PORT is '{port}'. It must be a port", app.Output);
        Assert.DoesNotContain("   at ", app.Output);
    }
}
