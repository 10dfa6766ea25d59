using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ProductAspire.Stores.Running;

/// <summary>
/// Asks again for a while before it says that a resource is not healthy. The orchestrator by itself asks at once, then one second later, then two, then
/// three: what is ready in between would be waited for, at every start.
/// </summary>
internal sealed class PatientCheck(IHealthCheck check) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Makes all health checks of the AppHost patient.</summary>
    public static void AddTo(IServiceCollection services) => services.PostConfigure<HealthCheckServiceOptions>(options =>
    {
        foreach (var registration in options.Registrations)
        {
            var create = registration.Factory;
            registration.Factory = provider => new PatientCheck(create(provider));
        }
    });

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            var result = await check.CheckHealthAsync(context, cancellationToken);
            if (result.Status == HealthStatus.Healthy || TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                return result;
            }

            await Task.Delay(BetweenLooks, cancellationToken);
        }
    }
}
