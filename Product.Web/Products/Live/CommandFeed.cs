using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Product.Web.Api;

namespace Product.Web.Products.Live;

/// <summary>
/// The API's events of the visitor's tenant. One stream for each circuit, from the first page that is interactive until the visitor is gone;
/// one that breaks off is taken up again where it was.
/// </summary>
public sealed partial class CommandFeed(ApiConnection api, ProductStreams streams, ILogger<CommandFeed> logger) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // The API says something every 15 seconds.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(45);

    private readonly CancellationTokenSource gone = new();
    private string? last;
    private bool isStarted;

    public event Action<CommandEvent>? Arrived;

    /// <summary>Events come from now on; what happened before may have been missed.</summary>
    public event Action? Connected;

    public void Start()
    {
        if (!isStarted)
        {
            isStarted = true;
            _ = RunAsync(gone.Token);
        }
    }

    public void Dispose()
    {
        gone.Cancel();
        gone.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            try
            {
                await ReadAsync(() => pause = FirstPause, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                LogBrokeOff(failure);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            // Not all visitors at once.
            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble() / 2), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(Action connected, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{ProductApiClient.Route}/events");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        using var opening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        opening.CancelAfter(Silence);
        using var response = await streams.OpenAsync(request, await api.GetUserAsync(), opening.Token);
        opening.CancelAfter(Timeout.InfiniteTimeSpan);
        response.EnsureSuccessStatusCode();
        await using var body = new SilenceLimit(await response.Content.ReadAsStreamAsync(cancellationToken), Silence);
        connected();
        Connected?.Invoke();
        var parser = SseParser.Create(body, (_, data) => JsonSerializer.Deserialize<CommandEvent>(data, JsonSerializerOptions.Web));
        await foreach (var item in parser.EnumerateAsync(cancellationToken))
        {
            last = parser.LastEventId is { Length: > 0 } id ? id : last;
            if (item is { EventType: "command-status", Data: { } ended })
            {
                Arrived?.Invoke(ended);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "The stream of events broke off.")]
    private partial void LogBrokeOff(Exception exception);
}
