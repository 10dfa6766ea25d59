using Aspire.Hosting;
using Microsoft.Extensions.DependencyInjection;
using ProductAspire.Stores.Running;

namespace ProductAspire.Stores;

/// <summary>Runs an application on this machine so that a person reads what goes on.</summary>
public static class LocalRunExtensions
{
    /// <summary>
    /// Builds the application and runs it until it is stopped. When all is healthy it prints the addresses. What a user can put right is printed
    /// without a stack trace.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <returns>The exit code: 0, or 1 if it could not start.</returns>
    public static async Task<int> RunAsync(this IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsRunMode)
        {
            builder.Services.AddHostedService<HealthySummary>();
            builder.Services.AddHostedService<OrderlyStop>();
        }

        try
        {
            await using var application = builder.Build();
            await application.RunAsync();
            return 0;
        }
        catch (DistributedApplicationException problem)
        {
            await Console.Error.WriteLineAsync(problem.Message);
            return 1;
        }
    }
}
