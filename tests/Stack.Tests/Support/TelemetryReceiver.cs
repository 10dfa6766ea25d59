using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using ProductAspire.Local.Dashboard.Otlp;

namespace StackTests.Support;

/// <summary>Takes what the services export, as a collector would.</summary>
internal sealed class TelemetryReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TraceStore _traces = new();

    private TelemetryReceiver(WebApplication app)
    {
        _app = app;
        app.MapOtlp(_traces);
    }

    public Uri Endpoint => new(_app.Urls.Single());

    public IEnumerable<OtlpSpan> Spans => _traces.Traces().SelectMany(trace => trace.Spans);

    public static async Task<TelemetryReceiver> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new TelemetryReceiver(builder.Build());
        await receiver._app.StartAsync(cancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>What has come of a trace so far.</summary>
    public TraceSnapshot? Find(string traceId) => _traces.Find(traceId);

    /// <summary>Waits until a trace has what is asked for: its spans come as they end.</summary>
    public async Task<TraceSnapshot> TraceAsync(string traceId, string what, Func<TraceSnapshot, bool> until) => (await Eventually.GetAsync(
        $"trace {traceId} has {what}", () => Task.FromResult(_traces.Find(traceId)), trace => trace is not null && until(trace)))!;
}
