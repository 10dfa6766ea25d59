using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.Testing;

namespace StackTests.Events;

/// <summary>A client that does not read what it is sent: it costs the others nothing, and is let go.</summary>
[Collection(Alone.Name)]
public sealed class StuckClientTests(Stack stack) : IAsyncLifetime
{
    private const int Flood = 20_000;

    private static readonly string LongReason = new('x', 900);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await stack.WaitUntilIdleAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task A_client_that_reads_nothing_slows_nobody_and_is_let_go()
    {
        var (feed, client) = await EventFeed.OpenWithClientAsync(stack);
        await using var _ = feed;
        using var stuck = await ConnectAsync(await EventFeed.TokenAsync(stack, client.Tenant), lastId: null);
        using var stuckInTheTable = await ConnectAsync(await EventFeed.TokenAsync(stack, client.Tenant), lastId: "0");
        var calm = await TimeToSeeAsync(feed, client, "calm");

        // 20 MB for each client: far beyond what lies in buffers on the way.
        await stack.Postgres.WriteEventsAsync(client.Tenant, Flood, LongReason);
        var flooded = await TimeToSeeAsync(feed, client, "flooded");
        Assert.Equal(Flood + 2, feed.Count);
        var after = await TimeToSeeAsync(feed, client, "after");
        TestContext.Current.SendDiagnosticMessage($"calm {calm}, flooded {flooded}, after {after}");
        Assert.True(flooded < TimeSpan.FromSeconds(10), $"After the flood it took {flooded}.");
        Assert.True(after < TimeSpan.FromSeconds(3), $"Beside a stuck client it took {after}.");

        await WaitUntilLetGoAsync(stuck);
        await WaitUntilLetGoAsync(stuckInTheTable);
        Assert.False(feed.Ended.IsCompleted);
        await TimeToSeeAsync(feed, client, "still there");
    }

    [Fact]
    public async Task A_client_that_is_slow_but_reads_gets_every_event()
    {
        var client = await stack.ClientAsync();
        using var slow = await ConnectAsync(await EventFeed.TokenAsync(stack, client.Tenant), lastId: null);
        await slow.ReceiveAsync(new byte[1], Token);
        await stack.Postgres.WriteEventsAsync(client.Tenant, Flood / 4, LongReason);
        (await client.PostAsync(new { sk = "last", name = "Last" })).Is(HttpStatusCode.Created);

        var text = new StringBuilder();
        var buffer = new byte[128 * 1024];
        var until = Stopwatch.GetTimestamp();
        while (!text.ToString(Math.Max(0, text.Length - 400), Math.Min(400, text.Length)).Contains("\"last\"", StringComparison.Ordinal))
        {
            var received = await slow.ReceiveAsync(buffer, Token);
            Assert.True(received > 0 && Stopwatch.GetElapsedTime(until) < TimeSpan.FromSeconds(60), "The stream ended, or the last event never came.");
            text.Append(Encoding.UTF8.GetString(buffer, 0, received));
            // The pause is what makes it slow: the flood overtakes it by far.
            await Task.Delay(10, Token);
        }

        Assert.Equal((Flood / 4) + 1, text.ToString().Split("event: command-status").Length - 1);
    }

    private static async Task<TimeSpan> TimeToSeeAsync(EventFeed feed, ApiClient client, string sk)
    {
        var started = Stopwatch.GetTimestamp();
        (await client.PostAsync(new { sk, name = sk })).Is(HttpStatusCode.Created);
        await feed.SeeAsync(sk, 1, TimeSpan.FromSeconds(60));
        return Stopwatch.GetElapsedTime(started);
    }

    private async Task<Socket> ConnectAsync(string token, string? lastId)
    {
        var api = stack.App.GetEndpoint(Stack.Api, "http");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
        await socket.ConnectAsync(api.Host, api.Port, Token);
        var header = lastId is null ? "" : $"Last-Event-ID: {lastId}\r\n";
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"GET {EventFeed.Path} HTTP/1.1\r\nHost: {api.Authority}\r\nAuthorization: Bearer {token}\r\n{header}\r\n"), Token);
        // The answer has begun; nothing of it is read.
        await Eventually.IsTrueAsync("the stream begins", () => Task.FromResult(socket.Available > 0));
        return socket;
    }

    // Whoever writes to a connection that the other side has given up is told so.
    private static Task WaitUntilLetGoAsync(Socket socket) => Eventually.IsTrueAsync(
        "the stuck client is let go",
        async () =>
        {
            try
            {
                await socket.SendAsync(new byte[] { (byte)'\n' }, Token);
                return false;
            }
            catch (SocketException)
            {
                return true;
            }
        },
        Stack.WriteTimeout * 5);
}
