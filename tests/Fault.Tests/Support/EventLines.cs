using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Aspire.Hosting.Testing;

namespace FaultTests.Support;

/// <summary>A client that follows a tenant's events and never comes again.</summary>
internal sealed class EventLines : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private readonly Task _reading;

    private EventLines(HttpClient http, StreamReader reader)
    {
        _http = http;
        _reading = ReadAsync(reader);
    }

    public static async Task<EventLines> FollowAsync(FaultStack stack, string tenant)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var http = stack.App.CreateHttpClient(FaultStack.Api);
        var token = await http.GetStringAsync($"/dev/token?user=follower&tenant={tenant}", cancellation);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new EventLines(http, new StreamReader(await http.GetStreamAsync("/api/product/events", cancellation)));
    }

    /// <summary>Waits for an event of an item.</summary>
    public Task SeeAsync(string sk) => Eventually.GetAsync(
        $"an event of {sk} is seen", () => Task.FromResult(_lines.Any(line => line.Contains($"\"sk\":\"{sk}\"", StringComparison.Ordinal))), isSeen => isSeen);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            _lines.Enqueue(line);
        }
    }
}
