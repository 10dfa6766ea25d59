using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace ProductAspire.Stores.Running;

/// <summary>Prints, once all resources are healthy, where everything is.</summary>
internal sealed class HealthySummary(
    DistributedApplicationModel model, ResourceNotificationService notifications, IConfiguration configuration) : BackgroundService
{
    private const string DashboardName = "aspire-dashboard";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var resources = model.Resources
            .Where(resource => resource.Name != DashboardName)
            .Where(resource => resource is IResourceWithConnectionString || resource.Annotations.OfType<EndpointAnnotation>().Any())
            .ToList();
        foreach (var resource in resources)
        {
            await notifications.WaitForResourceHealthyAsync(resource.Name, WaitBehavior.WaitOnResourceUnavailable, stoppingToken);
        }

        string[] lines = [.. resources.Select(Line), .. Dashboard()];
        LocalRun.Say($"{Environment.NewLine}{string.Join(Environment.NewLine, lines)}{Environment.NewLine}{Environment.NewLine}Everything runs. Ctrl+C stops it.");
    }

    private static string Line(IResource resource) => $"  {resource.Name,-20}healthy  {Address(resource)}".TrimEnd();

    private static string? Address(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>()
        .Select(endpoint => endpoint.AllocatedEndpoint?.UriString)
        .FirstOrDefault(address => address is not null);

    private string[] Dashboard()
    {
        var address = configuration["ASPNETCORE_URLS"]?.Split(';')[0];
        return model.Resources.All(resource => resource.Name != DashboardName) || address is null ? []
            : configuration["AppHost:BrowserToken"] is { Length: > 0 } token ? [$"  {"dashboard",-20}healthy  {address}/login?t={token}"]
            : [$"  {"dashboard",-20}healthy  {address}"];
    }
}
