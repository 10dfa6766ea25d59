using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace ProductAspire.Local.Running;

/// <summary>What Aspire gives every project before the AppHost adds its own.</summary>
internal static class ProjectEnvironment
{
    public static void AddProfile(EnvironmentCallbackContext context, LaunchProfile profile)
    {
        if (!context.ExecutionContext.IsRunMode || profile.Name is null)
        {
            return;
        }

        context.EnvironmentVariables["DOTNET_LAUNCH_PROFILE"] = profile.Name;
        foreach (var (name, value) in profile.Environment)
        {
            context.EnvironmentVariables[name] = value;
        }

        var urls = context.Resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => endpoint.AllocatedEndpoint?.UriString);
        context.EnvironmentVariables["ASPNETCORE_URLS"] = string.Join(';', urls);
    }

    /// <summary>Telemetry goes to the dashboard, or where the user says; without either, to where a collector usually listens.</summary>
    public static void AddTelemetry(EnvironmentCallbackContext context, IDistributedApplicationBuilder builder)
    {
        var environment = context.EnvironmentVariables;
        if (!context.ExecutionContext.IsRunMode)
        {
            return;
        }

        var dashboard = context.ExecutionContext.TelemetryReceiver;
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] =
            dashboard?.ToString() ?? builder.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] ?? "http://localhost:4317";
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = dashboard is null ? "grpc" : "http/protobuf";
        environment["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={builder.Configuration["AppHost:OtlpApiKey"] ?? "local"}";
        environment["OTEL_SERVICE_NAME"] = context.Resource.Name;
        if (builder.Environment.IsDevelopment())
        {
            environment["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            environment["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            environment["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            environment["OTEL_TRACES_SAMPLER"] = "always_on";
            environment["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
        }
    }
}
