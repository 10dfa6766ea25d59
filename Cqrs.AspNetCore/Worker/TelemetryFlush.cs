using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Cqrs.AspNetCore.Worker;

/// <summary>
/// Exports what was measured, before the answer: a function is frozen after it, for a while or for good. The span of the request itself is not over
/// by then, and goes with the next one.
/// </summary>
internal sealed class TelemetryFlush(IServiceProvider services) : IEndpointFilter
{
    // A collector that hangs costs a batch that much and no more.
    private const int LimitMilliseconds = 2000;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var answer = await next(context);
        // They hold a thread each while they wait.
        await Task.WhenAll(
            Task.Run(() => services.GetService<TracerProvider>()?.ForceFlush(LimitMilliseconds)),
            Task.Run(() => services.GetService<MeterProvider>()?.ForceFlush(LimitMilliseconds)),
            Task.Run(() => services.GetService<LoggerProvider>()?.ForceFlush(LimitMilliseconds)));
        return answer;
    }
}
