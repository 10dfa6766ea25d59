using Aspire.Hosting;
using Microsoft.Extensions.Configuration;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Dashboard;

/// <summary>What the user says of the dashboard: <c>DASHBOARD=false</c>, <c>DASHBOARD_PORT</c>, and where else telemetry is to go.</summary>
internal sealed class DashboardOptions(RunContext context)
{
    private const int DefaultPort = 5099;
    private const string OtlpEndpoint = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";

    private readonly IConfiguration configuration = context.Builder.Configuration;

    /// <summary>A test asks for it; a run has it if nobody says otherwise.</summary>
    public bool IsOn => configuration["DASHBOARD"] is { Length: > 0 } said
        ? bool.TryParse(said, out var on) ? on : throw new DistributedApplicationException($"DASHBOARD is true or false, not '{said}'.")
        : !context.IsTest;

    /// <summary>0 is any that is free: under test.</summary>
    public int Port => context.IsTest ? 0 : configuration["DASHBOARD_PORT"] is { Length: > 0 } said
        ? int.TryParse(said, out var port) && port is > 0 and <= ushort.MaxValue
            ? port
            : throw new DistributedApplicationException($"DASHBOARD_PORT is a port, not '{said}'.")
        : DefaultPort;

    /// <summary>
    /// Where the user has telemetry sent instead. What the launch profile of the AppHost says is nobody's choice: it is always set.
    /// </summary>
    public string? TelemetryGoesTo
    {
        get
        {
            var profile = LaunchProfile.Read(
                Path.Combine(context.Builder.AppHostDirectory, "AppHost.csproj"), configuration["DOTNET_LAUNCH_PROFILE"]);
            return configuration[OtlpEndpoint] is { Length: > 0 } said && said != profile.Environment.GetValueOrDefault(OtlpEndpoint)
                ? said
                : null;
        }
    }
}
