using System.Diagnostics;
using System.Diagnostics.Metrics;
using Cqrs.AspNetCore.Hosting;
using Cqrs.Hosting;
using Cqrs.Postgres;
using Cqrs.Postgres.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using ProductAspire.ServiceDefaults;
using Products;

namespace StackTests.Faults;

/// <summary>The registration of the read model takes the settings of Aspire's component.</summary>
public sealed class ReadModelSettingsTests
{
    private const string All = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL:";
    private const string ThisContext = $"{All}ProductsContext:";

    [Fact]
    public async Task Without_settings_queries_are_tried_again_and_have_the_time_of_the_driver()
    {
        await using var host = Host();
        await using var scope = host.Services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<ReadModelContext>().Database;

        Assert.True(database.CreateExecutionStrategy().RetriesOnFailure);
        Assert.Null(database.GetCommandTimeout());
    }

    [Theory]
    [InlineData(All)]
    [InlineData(ThisContext)]
    public async Task Retries_can_be_switched_off_and_a_time_limit_set(string section)
    {
        await using var host = Host((section + "DisableRetry", "true"), (section + "CommandTimeout", "7"));
        await using var scope = host.Services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<ReadModelContext>().Database;

        Assert.False(database.CreateExecutionStrategy().RetriesOnFailure);
        Assert.Equal(7, database.GetCommandTimeout());
    }

    [Fact]
    public async Task What_is_set_for_this_context_wins()
    {
        await using var host = Host((All + "DisableRetry", "true"), (ThisContext + "DisableRetry", "false"));
        await using var scope = host.Services.CreateAsyncScope();

        Assert.True(scope.ServiceProvider.GetRequiredService<ReadModelContext>().Database.CreateExecutionStrategy().RetriesOnFailure);
    }

    [Theory]
    [InlineData(null, "elsewhere")]
    [InlineData("named", "named")]
    public async Task A_connection_string_is_taken_from_there_if_none_is_given_by_name(string? named, string expected)
    {
        await using var host = Host(
            (ThisContext + "ConnectionString", "Host=elsewhere"), ("ConnectionStrings:productdb", named is null ? null : $"Host={named}"));

        Assert.Equal(expected, new NpgsqlConnectionStringBuilder(host.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString).Host);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task The_health_check_can_be_switched_off(string disabled)
    {
        await using var host = Host((ThisContext + "DisableHealthChecks", disabled));

        var checks = host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(check => check.Name);

        Assert.Equal(disabled == "false", checks.Contains(nameof(ProductsContext)));
        Assert.Contains("dynamodb", checks);
    }

    [Theory]
    [InlineData("false", "true")]
    [InlineData("true", "false")]
    public async Task Traces_and_metrics_can_be_switched_off(string noTraces, string noMetrics)
    {
        var spans = new Ended();
        var metrics = new Exported();
        await using var host = Host(
            builder => builder.Services.AddOpenTelemetry()
                .WithTracing(tracing => tracing.SetSampler<AlwaysOnSampler>().AddProcessor(spans))
                .WithMetrics(all => all.AddReader(new BaseExportingMetricReader(metrics))),
            (ThisContext + "DisableTracing", noTraces),
            (ThisContext + "DisableMetrics", noMetrics));
        _ = host.Services.GetRequiredService<TracerProvider>();
        var meters = host.Services.GetRequiredService<MeterProvider>();

        // What the driver would do.
        var name = $"probe-{Guid.NewGuid():N}";
        using var source = new ActivitySource("Npgsql");
        using var meter = new Meter("Npgsql");
        source.StartActivity(name, ActivityKind.Server)?.Dispose();
        meter.CreateCounter<int>(name).Add(1);
        meters.ForceFlush();

        Assert.Equal(noTraces == "false", spans.Names.Contains(name));
        Assert.Equal(noMetrics == "false", metrics.Names.Contains(name));
    }

    private static WebApplication Host(params (string Name, string? Value)[] settings) => Host(_ => { }, settings);

    private static WebApplication Host(Action<WebApplicationBuilder> configure, params (string Name, string? Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["ConnectionStrings:productdb"] = "Host=localhost";
        foreach (var (name, value) in settings)
        {
            builder.Configuration[name] = value;
        }

        builder.AddServiceDefaults();
        builder.AddCqrs();
        builder.AddReadModel<ProductsContext>("productdb");
        builder.AddProducts();
        builder.AddCqrsWorker();
        configure(builder);
        return builder.Build();
    }

    private sealed class Ended : BaseProcessor<Activity>
    {
        public List<string> Names { get; } = [];

        public override void OnEnd(Activity data) => Names.Add(data.OperationName);
    }

    private sealed class Exported : BaseExporter<Metric>
    {
        public List<string> Names { get; } = [];

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                Names.Add(metric.Name);
            }

            return ExportResult.Success;
        }
    }
}
