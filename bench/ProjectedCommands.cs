using System.Diagnostics.Metrics;
using Cqrs;

namespace Bench;

/// <summary>Counts what the workers of this process have projected, by their own metric: asking a store would cost what is to be measured.</summary>
internal sealed class ProjectedCommands : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public ProjectedCommands()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: CqrsTelemetry.Name, Name: "cqrs.projection.commands" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, commands, _, _) => Interlocked.Add(ref _count, commands));
        _listener.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
