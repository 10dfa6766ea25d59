using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ProductAspire.ServiceDefaults;

/// <summary>Adds what every host of the application shares: telemetry, limits of the server, health checks, service discovery and resilience.</summary>
public static class Extensions
{
    private const string HealthPath = "/health";
    private const string AlivePath = "/alive";
    private const string AwsTargetHeader = "X-Amz-Target";

    /// <summary>The names of the HTTP clients that the exporter uses.</summary>
    private static readonly string[] Exporters = ["OtlpTraceExporter", "OtlpMetricExporter", "OtlpLogExporter"];

    /// <summary>The sources and meters of the application's own code; everything under these names is exported.</summary>
    private static readonly string[] OwnTelemetry = ["Cqrs", "Cqrs.*"];

    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddConsoleLog();
        builder.AddOpenTelemetry();
        builder.AddServerLimits();

        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), ["live"]);

        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });

        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (every check: ready for traffic) and <c>/alive</c> (the process answers). Both are anonymous: they are
    /// probed by the orchestrator, and say no more than a status.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        IEndpointConventionBuilder[] probes =
        [
            app.MapHealthChecks(HealthPath),
            app.MapHealthChecks(AlivePath, new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") }),
        ];
        foreach (var probe in probes)
        {
            probe.AllowAnonymous().DisableRateLimiting();
            probe.Finally(endpoint => endpoint.RequestDelegate = Untraced(endpoint.RequestDelegate!));
        }

        return app;
    }

    // The request itself is filtered below; this is for the calls that a check makes.
    private static RequestDelegate Untraced(RequestDelegate probe) => async context =>
    {
        using (SuppressInstrumentationScope.Begin())
        {
            await probe(context);
        }
    };

    private static void AddOpenTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter(OwnTelemetry))
            .WithTracing(tracing => tracing
                .AddSource(builder.Environment.ApplicationName)
                .AddSource(OwnTelemetry)
                .AddAspNetCoreInstrumentation(options => options.Filter = context =>
                    !context.Request.Path.StartsWithSegments(HealthPath) && !context.Request.Path.StartsWithSegments(AlivePath))
                // Calls of DynamoDB have spans of their own, and the polls of its streams would drown everything else.
                .AddHttpClientInstrumentation(options => options.FilterHttpRequestMessage = request => !request.Headers.Contains(AwsTargetHeader))
                .AddProcessor(new BackgroundCalls()));

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
            foreach (var exporter in Exporters)
            {
                // It tries again by itself, and what is logged of each call would be exported by the next one.
#pragma warning disable EXTEXP0001 // For evaluation, says the package; there is no other way.
                builder.Services.AddHttpClient(exporter).RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
            }
        }
    }
}
