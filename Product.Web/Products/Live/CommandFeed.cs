using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Product.Web.Api;

namespace Product.Web.Products.Live;

/// <summary>
/// The API's events of the visitor's tenant. One stream for each circuit, from the first page that is interactive until the visitor is gone;
/// one that breaks off is taken up again where it was.
/// </summary>
public sealed partial class CommandFeed(ApiConnection api, ILogger<CommandFeed> logger) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

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
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                LogBrokeOff(failure);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{ProductApiClient.Route}/events");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        using var response = await api.OpenAsync(request, cancellationToken);
        await using var body = new SilenceLimit(await response.Content.ReadAsStreamAsync(cancellationToken), Silence);
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
