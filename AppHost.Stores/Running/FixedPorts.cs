using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ProductAspire.Stores.Running;

/// <summary>A port that this run needs, and what to say if another program has it.</summary>
internal sealed record FixedPort(int Port, string Problem);

/// <summary>Lists the ports that a run cannot do without: those of its resources and those of the dashboard.</summary>
internal static class FixedPorts
{
    // The launch profile of the AppHost sets them.
    private static readonly string[] DashboardAddresses =
        ["ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"];

    /// <param name="model">The application.</param>
    /// <param name="services">Has the configuration.</param>
    /// <param name="isTemporary">Whether it is a run of a test, whose dashboard takes any ports.</param>
    public static IEnumerable<FixedPort> Of(DistributedApplicationModel model, IServiceProvider services, bool isTemporary) =>
        [.. model.Resources.SelectMany(OfResource), .. isTemporary ? [] : OfDashboard(services.GetRequiredService<IConfiguration>())];

    private static IEnumerable<FixedPort> OfResource(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>()
        .Where(endpoint => endpoint.Port is > 0)
        .Select(endpoint => new FixedPort(
            endpoint.Port!.Value,
            $"'{resource.Name}' needs port {endpoint.Port}, which another program has. End that program, or set {LocalPorts.Variable(resource)} to another port."));

    private static IEnumerable<FixedPort> OfDashboard(IConfiguration configuration) => DashboardAddresses
        .Where(variable => Uri.TryCreate(configuration[variable], UriKind.Absolute, out var address) && address.Port > 0)
        .Select(variable => new FixedPort(
            new Uri(configuration[variable]!).Port,
            $"The dashboard needs port {new Uri(configuration[variable]!).Port}, which another program has. End that program, or set {variable} to another address."));
}
