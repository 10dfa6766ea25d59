using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Modules.ReadModel;

/// <summary>Whether Postgres answers, and soon: who asks does not wait for long, and would take no answer for a service that is down.</summary>
internal sealed class PostgresHealthCheck(NpgsqlDataSource dataSource) : IHealthCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            // Cancelling a statement takes its time where a server hangs; that is not waited for.
            await AskAsync().WaitAsync(Timeout, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "Postgres does not answer.", fault);
        }
    }

    private async Task AskAsync()
    {
        await using var command = dataSource.CreateCommand("SELECT 1");
        command.CommandTimeout = (int)Timeout.TotalSeconds;
        await command.ExecuteScalarAsync();
    }
}
