using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.AWS.CloudFormation;
using Aspire.Hosting.Testing;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Tests;

/// <summary>The services cannot tell whether Aspire started them.</summary>
public class EnvironmentTests
{
    private static readonly Dictionary<string, string> Common = new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["DOTNET_LAUNCH_PROFILE"] = "http",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "1000",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "1000",
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://localhost:4317",
        ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-otlp-api-key=local",
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc",
        ["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        ["OTEL_TRACES_SAMPLER"] = "always_on",
    };

    [Theory]
    [InlineData("product-api")]
    [InlineData("product-syncworker")]
    public async Task Whoever_uses_the_stores_is_told_where_they_are(string name)
    {
        using var ports = new Ports();
        await using var builder = await Model(ports, "--Parameters:postgres-password=secret");
        var postgres = Port(builder, "postgres");
        var dynamodb = Port(builder, "dynamodb");

        Assert.Equal(
            Sorted(Common, new()
            {
                ["ASPNETCORE_URLS"] = $"http://localhost:{Port(builder, name)}",
                ["AWS_ACCESS_KEY_ID"] = "local",
                ["AWS_ENDPOINT_URL_DYNAMODB"] = $"http://localhost:{dynamodb}",
                ["AWS_ENDPOINT_URL_DYNAMODB_STREAMS"] = $"http://localhost:{dynamodb}",
                ["AWS_REGION"] = "us-east-1",
                ["AWS_SECRET_ACCESS_KEY"] = "local",
                ["ConnectionStrings__productdb"] =
                    $"Host=localhost;Port={postgres};Username=postgres;Password=secret;Database=productdb",
                ["OTEL_SERVICE_NAME"] = name,
                ["PRODUCTDB_DATABASENAME"] = "productdb",
                ["PRODUCTDB_HOST"] = "localhost",
                ["PRODUCTDB_JDBCCONNECTIONSTRING"] = $"jdbc:postgresql://localhost:{postgres}/productdb",
                ["PRODUCTDB_PASSWORD"] = "secret",
                ["PRODUCTDB_PORT"] = $"{postgres}",
                ["PRODUCTDB_URI"] = $"postgresql://postgres:secret@localhost:{postgres}/productdb",
                ["PRODUCTDB_USERNAME"] = "postgres",
            }),
            await Environment(builder, name));
    }

    [Fact]
    public async Task Whoever_calls_a_service_is_told_where_it_is()
    {
        using var ports = new Ports();
        await using var builder = await Model(ports);
        var api = $"http://localhost:{Port(builder, "product-api")}";

        Assert.Equal(
            Sorted(Common, new()
            {
                ["ASPNETCORE_URLS"] = $"http://localhost:{Port(builder, "product-web")}",
                ["OTEL_SERVICE_NAME"] = "product-web",
                ["PRODUCT_API_HTTP"] = api,
                ["services__product-api__http__0"] = api,
            }),
            await Environment(builder, "product-web"));
    }

    [Fact]
    public async Task Telemetry_goes_to_the_dashboard_while_it_runs()
    {
        using var ports = new Ports();
        await using var builder = await Model(ports);
        builder.ExecutionContext.TelemetryReceiver = new("http://localhost:5099");

        var environment = await Environment(builder, "product-api");

        Assert.Equal("http://localhost:5099/", environment["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("http/protobuf", environment["OTEL_EXPORTER_OTLP_PROTOCOL"]);
    }

    [Fact]
    public async Task A_published_service_is_asked_for_what_only_its_target_knows()
    {
        await using var builder = await Published();

        var api = await Environment(builder, "product-api");

        Assert.DoesNotContain(api.Keys, name => name.StartsWith("AWS_ENDPOINT", StringComparison.Ordinal));
        Assert.DoesNotContain(api.Keys, name => name.StartsWith("OTEL_EXPORTER", StringComparison.Ordinal));
        Assert.Equal("{productdb.connectionString}", api["ConnectionStrings__productdb"]);
        Assert.Equal("{aws-region.value}", api["AWS_REGION"]);
        Assert.Equal("{aws-secret-access-key.value}", api["AWS_SECRET_ACCESS_KEY"]);
        Assert.Equal("{table-prefix.value}", api["Tables__Prefix"]);
        Assert.Equal("{token-authority.value}", api["Authentication__Schemes__Bearer__Authority"]);
        Assert.Equal("{web-client-id.value}", (await Environment(builder, "product-web"))["Authentication__Schemes__OpenIdConnect__ClientId"]);
        Assert.All(["aws-secret-access-key", "aws-access-key-id", "web-client-secret"], name =>
            Assert.True(Assert.IsType<ParameterResource>(Resource(builder, name)).Secret, name));
    }

    [Fact]
    public async Task Published_to_AWS_services_have_roles_instead_of_keys_and_a_Postgres_that_is_there()
    {
        await using var builder = await Published("--PUBLISH_TO", "aws");

        var worker = await Environment(builder, "product-syncworker");

        Assert.DoesNotContain("AWS_ACCESS_KEY_ID", worker.Keys);
        Assert.Equal("{productdb-connection.value}", worker["ConnectionStrings__productdb"]);
        Assert.DoesNotContain(builder.Resources, one => one.Name == "postgres");
        Assert.Contains(builder.Resources, one => one.Name == "tables");
        Assert.IsType<ParameterResource>(Resource(builder, "web-certificate-arn"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(true, "--PUBLISH_TO", "aws")]
    [InlineData(true, "--ASPIRE_SUPPRESS_CLI_RUN_HOOK", "true", "--PUBLISH_TO", "aws")]
    // As azd does it, which fails on resources that it does not know.
    [InlineData(false, "--ASPIRE_SUPPRESS_CLI_RUN_HOOK", "true")]
    [InlineData(false, "--PUBLISH_TO", "azure")]
    public async Task The_tables_are_published_unless_azd_asks(bool hasTables, params string[] args)
    {
        await using var builder = await Published(args);

        Assert.Equal(hasTables, builder.Resources.Any(one => one.Name == "tables"));
        Assert.All(
            builder.Resources.OfType<ICloudFormationTemplateResource>(),
            // Wherever the manifest is written from.
            tables => Assert.True(Path.IsPathRooted(tables.TemplatePath) && File.Exists(tables.TemplatePath), tables.TemplatePath));
    }

    private static async Task<IDistributedApplicationTestingBuilder> Published(params string[] args) =>
        await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--operation", "publish", .. args], TestContext.Current.CancellationToken);

    private static async Task<IDistributedApplicationTestingBuilder> Model(Ports ports, params string[] args)
    {
        var builder = await DistributedApplicationTestingBuilder
            .CreateAsync<Projects.AppHost>(args, TestContext.Current.CancellationToken);
        var state = StateFolder.ForTest(builder);
        new PortPlan(new RunContext(builder, state, args, isTest: true), ports).Allocate(builder.Resources);
        return builder;
    }

    private static IResource Resource(IDistributedApplicationBuilder builder, string name) => builder.Resources.Single(one => one.Name == name);

    private static int Port(IDistributedApplicationBuilder builder, string name) =>
        Resource(builder, name).Annotations.OfType<EndpointAnnotation>().Single().AllocatedEndpoint!.Port;

    private static async Task<SortedDictionary<string, string>> Environment(IDistributedApplicationBuilder builder, string name) =>
        Sorted(await EnvironmentOf.ResolveAsync(
            Resource(builder, name), builder.ExecutionContext, TestContext.Current.CancellationToken));

    private static SortedDictionary<string, string> Sorted(params Dictionary<string, string>[] parts) =>
        new(parts.SelectMany(part => part).ToDictionary(), StringComparer.Ordinal);
}
