using System.Diagnostics;
using System.Diagnostics.Metrics;
using Cqrs.Tables;

namespace Bench;

/// <summary>
/// Counts what the workers of this process have projected since one took the lease of a shard, by their own metrics: asking a store would cost what is
/// to be measured.
/// </summary>
internal sealed class ProjectedCommands : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly TaskCompletionSource<long> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _count;

    public ProjectedCommands()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: CqrsTelemetry.Name, Name: "cqrs.projection.commands" or "cqrs.lease.changes" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) =>
        {
            if (instrument.Name == "cqrs.projection.commands")
            {
                Interlocked.Add(ref _count, count);
            }
            else if (tags.Contains(new("cqrs.change", "taken")))
            {
                _begun.TrySetResult(Stopwatch.GetTimestamp());
            }
        });
        _listener.Start();
    }

    /// <summary>When the lease was taken.</summary>
    public Task<long> Begun => _begun.Task;

    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
