using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using ProductAspire.Local.Dashboard;
using ProductAspire.Local.Running;

namespace Aspire.Hosting.Testing;

/// <summary>How a test reaches the resources of the application.</summary>
public static class DistributedApplicationHostingTestingExtensions
{
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = default)
    {
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = app.GetEndpoint(resourceName, endpointName);
        return client;
    }

    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = default) =>
        app.Resource(resourceName) is IResourceWithEndpoints resource
            ? new(new EndpointReference(resource, endpointName ?? "http").Url)
            : throw new ArgumentException($"The resource '{resourceName}' has no endpoints.", nameof(resourceName));

    public static ValueTask<string?> GetConnectionStringAsync(
        this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        app.Resource(resourceName) is IResourceWithConnectionString resource
            ? resource.GetConnectionStringAsync(cancellationToken)
            : throw new ArgumentException($"The resource '{resourceName}' has no connection string.", nameof(resourceName));

    /// <summary>Not in Aspire: the last lines that a resource wrote, to be shown when a test fails.</summary>
    public static IReadOnlyList<string> GetLastLines(this DistributedApplication app, string resourceName, int count = 100) =>
    [
        .. app.Services.GetRequiredService<Orchestrator>().Find(resourceName).SelectMany(instance => instance.LastLines(count)),
    ];

    /// <summary>Not in Aspire: the dashboard, if the application was started with <c>--DASHBOARD=true</c>.</summary>
    public static Uri GetDashboard(this DistributedApplication app) =>
        app.Services.GetRequiredService<DashboardServer>().Address ?? throw new InvalidOperationException("The dashboard does not run.");

    private static IResource Resource(this DistributedApplication app, string name) => app.Services
        .GetRequiredService<DistributedApplicationModel>().Resources
        .FirstOrDefault(resource => string.Equals(resource.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"There is no resource '{name}'.", nameof(name));
}
