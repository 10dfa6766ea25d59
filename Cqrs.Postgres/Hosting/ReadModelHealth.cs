using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Cqrs.Postgres.Hosting;

/// <summary>Says what it means for a host that Postgres is down. The check itself is the one of Aspire's component.</summary>
internal sealed class ReadModelHealth
{
    // An orchestrator that probes takes a late answer for a service that is down.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets the status without Postgres. The API is ready without it, the worker is not.</summary>
    public HealthStatus WithoutPostgres { get; set; } = HealthStatus.Unhealthy;

    public static void Apply(IServiceCollection services, string check) => services
        .AddOptions<HealthCheckServiceOptions>()
        .PostConfigure<IOptions<ReadModelHealth>, IServiceScopeFactory>((options, health, scopes) =>
        {
            foreach (var registration in options.Registrations.Where(registration => registration.Name == check))
            {
                var create = registration.Factory;
                registration.FailureStatus = health.Value.WithoutPostgres;
                registration.Factory = _ => new BoundedCheck(scopes, create);
            }
        });

    // A statement on a server that hangs takes its time to be cancelled. That is not waited for; the scope stays until it has ended.
    private sealed class BoundedCheck(IServiceScopeFactory scopes, Func<IServiceProvider, IHealthCheck> create) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                return await AskAsync(context).WaitAsync(Timeout, cancellationToken);
            }
            catch (TimeoutException late)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, "Postgres does not answer.", late);
            }
        }

        private async Task<HealthCheckResult> AskAsync(HealthCheckContext context)
        {
            using var timeout = new CancellationTokenSource(Timeout);
            await using var scope = scopes.CreateAsyncScope();
            return await create(scope.ServiceProvider).CheckHealthAsync(context, timeout.Token);
        }
    }
}
