using System.Net.Http.Headers;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ProductAspire.Local.Dashboard;

namespace ProductAspire.Local.Tests.Dashboard;

/// <summary>The dashboard of an application that is not started, and an exporter that sends to it as the services do.</summary>
internal sealed class DashboardAlone : IAsyncDisposable
{
    public const string Source = "tests";

    private readonly DistributedApplication app;

    private DashboardAlone(DistributedApplication app)
    {
        this.app = app;
        Client = new() { BaseAddress = app.GetDashboard() };
    }

    public HttpClient Client { get; }

    public static async Task<DashboardAlone> StartAsync(params string[] args)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(["--DASHBOARD=true", .. args], cancellation);
        var app = await builder.BuildAsync(cancellation);
        await app.Services.GetRequiredService<DashboardServer>().StartAsync(cancellation);
        return new(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }

    /// <summary>Exports what is traced until it is disposed, to the dashboard or through a handler of the test's own.</summary>
    public static TracerProvider Export(string service, Uri dashboard, HttpMessageHandler? handler = null) => Sdk.CreateTracerProviderBuilder()
        .AddSource(Source)
        .ConfigureResource(resource => resource.AddService(service))
        .AddOtlpExporter(options =>
        {
            options.Endpoint = new Uri(dashboard, "v1/traces");
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
            if (handler is not null)
            {
                options.HttpClientFactory = () => new HttpClient(handler, disposeHandler: false);
            }
        })
        .Build();

    public Task<string> GetAsync(string path) => Client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    public async Task<int> PostAsync(
        string path, byte[] body, string type = "application/x-protobuf", string? encoding = null, string? origin = null, string? host = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        request.Headers.Host = host;
        // What is too large is not sent at all: else the answer could be lost with the connection.
        request.Headers.ExpectContinue = true;
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
