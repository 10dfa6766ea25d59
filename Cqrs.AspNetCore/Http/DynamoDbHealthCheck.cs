using Amazon.DynamoDBv2;
using Cqrs.Tables;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cqrs.AspNetCore.Http;

/// <summary>Whether DynamoDB answers and the command tables are there.</summary>
internal sealed class DynamoDbHealthCheck(IAmazonDynamoDB dynamoDb, TableNames tables, IEnumerable<CqrsModule> modules) : IHealthCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            foreach (var module in modules)
            {
                await dynamoDb.DescribeTableAsync(tables.Command(module), timeout.Token);
            }

            return HealthCheckResult.Healthy();
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "DynamoDB does not answer.", fault);
        }
    }
}
