using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace StackTests.Support;

/// <summary>A request without a body whose bytes are sent as they are given: HttpClient tidies targets up, and lets no header be other than ASCII.</summary>
internal static class RawRequest
{
    public static async Task<Answer> SendAsync(Uri api, string method, string target, string? token, params (string Name, string Value)[] headers)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(api.Host, api.Port, cancellation);
        // By HTTP 1.0 the answer comes in no chunks, and ends with the connection.
        var lines = headers
            .Prepend(("Host", api.Authority))
            .Concat(method == "GET" ? [] : [("Content-Length", "0")])
            .Concat(token is null ? [] : [("Authorization", $"Bearer {token}")])
            .Select(header => $"{header.Item1}: {header.Item2}\r\n");
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"{method} {target} HTTP/1.0\r\n{string.Concat(lines)}\r\n"), cancellation);
        using var reader = new StreamReader(client.GetStream());
        return await ReadAsync(await reader.ReadToEndAsync(cancellation), new HttpRequestMessage(new HttpMethod(method), "http://localhost/raw"));
    }

    private static async Task<Answer> ReadAsync(string text, HttpRequestMessage request)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, $"The answer to {request.Method} has no head: {text}");
        var head = text[..end].Split("\r\n");
        var response = new HttpResponseMessage((HttpStatusCode)int.Parse(head[0].Split(' ')[1]))
        {
            RequestMessage = request,
            Content = new StringContent(text[(end + 4)..]),
        };
        foreach (var (name, value) in head[1..].Select(line => line.Split(": ", 2)).Select(header => (header[0], header[1])))
        {
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                response.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            }
            else
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await Answer.ReadAsync(response, TestContext.Current.CancellationToken);
    }
}
