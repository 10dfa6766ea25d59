using System.Diagnostics;
using OpenTelemetry;

namespace ProductAspire.ServiceDefaults;

/// <summary>
/// Leaves out of the traces the calls that a service makes for itself: what it polls, sweeps and listens to. Each would be a trace of its own,
/// several a second, and say nothing. One that fails is kept.
/// </summary>
internal sealed class BackgroundCalls : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        var root = data;
        while (root.Parent is { } parent)
        {
            root = parent;
        }

        if (root.Kind == ActivityKind.Client && root.ParentId is null && data.Status != ActivityStatusCode.Error)
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
