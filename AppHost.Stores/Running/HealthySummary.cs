using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace ProductAspire.Stores.Running;

/// <summary>Prints, once all resources are healthy, where everything is.</summary>
internal sealed class HealthySummary(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    IConfiguration configuration) : BackgroundService
{
    private const int LastLines = 20;
    private const string DashboardName = "aspire-dashboard";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var resources = model.Resources
            .Where(resource => resource.Name != DashboardName)
            .Where(resource => resource is IResourceWithConnectionString || resource.Annotations.OfType<EndpointAnnotation>().Any())
            .ToList();
        foreach (var resource in resources)
        {
            try
            {
                await notifications.WaitForResourceHealthyAsync(resource.Name, WaitBehavior.StopOnResourceUnavailable, stoppingToken);
            }
            catch (DistributedApplicationException)
            {
                LocalRun.Say($"'{resource.Name}' did not start. Its last lines:{Environment.NewLine}{await LastLinesAsync(resource)}");
                return;
            }
        }

        string[] lines = [.. resources.Select(Line), .. Dashboard()];
        LocalRun.Say($"{Environment.NewLine}{string.Join(Environment.NewLine, lines)}{Environment.NewLine}{Environment.NewLine}Everything runs. Ctrl+C stops it.");
    }

    private static string Line(IResource resource) => $"  {resource.Name,-20}healthy  {Address(resource)}".TrimEnd();

    private static string? Address(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>()
        .Select(endpoint => endpoint.AllocatedEndpoint?.UriString)
        .FirstOrDefault(address => address is not null);

    private async Task<string> LastLinesAsync(IResource resource)
    {
        var lines = new List<string>();
        if (notifications.TryGetCurrentState(resource.Name, out var now))
        {
            await foreach (var batch in logs.GetAllAsync(now.ResourceId))
            {
                lines.AddRange(batch.Select(line => line.Content));
            }
        }

        return string.Join(Environment.NewLine, lines.TakeLast(LastLines));
    }

    private string[] Dashboard()
    {
        var address = configuration["ASPNETCORE_URLS"]?.Split(';')[0];
        return model.Resources.All(resource => resource.Name != DashboardName) || address is null ? []
            : configuration["AppHost:BrowserToken"] is { Length: > 0 } token ? [$"  {"dashboard",-20}healthy  {address}/login?t={token}"]
            : [$"  {"dashboard",-20}healthy  {address}"];
    }
}
