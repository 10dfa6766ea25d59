using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace StackTests.Transfer;

/// <summary>An import on a connection of its own, whose answer is read while the file is sent: HttpClient sends all of it first.</summary>
internal sealed class DuplexImport : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly StreamReader _answer;

    private DuplexImport(TcpClient client) => (_client, _answer) = (client, new StreamReader(client.GetStream()));

    /// <summary>Where the file goes.</summary>
    public Stream Body => _client.GetStream();

    public static async Task<DuplexImport> OpenAsync(Uri api, string token, long length, CancellationToken cancellationToken)
    {
        var client = new TcpClient();
        await client.ConnectAsync(api.Host, api.Port, cancellationToken);
        // By HTTP 1.0 the answer comes in no chunks: what follows its head is the lines.
        var head = $"POST /api/product/import HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\nContent-Length: {length}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        var import = new DuplexImport(client);
        Assert.StartsWith("HTTP/1.1 200", await import._answer.ReadLineAsync(cancellationToken));
        while (await import._answer.ReadLineAsync(cancellationToken) is { Length: > 0 })
        {
            // A header.
        }

        return import;
    }

    /// <summary>The next line of the answer, or null at its end.</summary>
    public async Task<JsonObject?> ReadAsync(CancellationToken cancellationToken) =>
        await _answer.ReadLineAsync(cancellationToken) is { Length: > 0 } line ? JsonNode.Parse(line)!.AsObject() : null;

    /// <summary>Has the connection go without a farewell.</summary>
    public void BreakOff() => _client.Client.LingerState = new LingerOption(true, 0);

    public ValueTask DisposeAsync()
    {
        _answer.Dispose();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
