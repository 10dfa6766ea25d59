using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Modules.ReadModel;

/// <summary>Whether Postgres answers.</summary>
internal sealed class PostgresHealthCheck(NpgsqlDataSource dataSource) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = dataSource.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "Postgres does not answer.", fault);
        }
    }
}
