using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>For a host that does not decide when the process ends: Ctrl+C is somebody else's business.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
