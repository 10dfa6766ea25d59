using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Modules.ReadModel;

/// <summary>Says what it means for a host that Postgres is down. The check itself is the one of Aspire's component.</summary>
internal sealed class ReadModelHealth
{
    // An orchestrator that probes takes a late answer for a service that is down.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets the status without Postgres. The API is ready without it, the worker is not.</summary>
    public HealthStatus WithoutPostgres { get; set; } = HealthStatus.Unhealthy;

    public static void Apply(IServiceCollection services, string check) => services
        .AddOptions<HealthCheckServiceOptions>()
        .PostConfigure<IOptions<ReadModelHealth>>((options, health) =>
        {
            foreach (var registration in options.Registrations.Where(registration => registration.Name == check))
            {
                registration.FailureStatus = health.Value.WithoutPostgres;
                registration.Timeout = Timeout;
            }
        });
}
