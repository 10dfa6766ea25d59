using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ProductAspire.Local.Dashboard.Otlp;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Dashboard;

/// <summary>Serves the dashboard inside the AppHost, and receives the telemetry of the services.</summary>
internal sealed class DashboardServer(RunContext context, Orchestrator orchestrator, ResourceCommandService commands) : IAsyncDisposable
{
    private const int MaxBodyBytes = 8 << 20;

    private WebApplication? app;

    /// <summary>Null: it does not run.</summary>
    public Uri? Address { get; private set; }

    /// <summary>Starts it if it is wanted and its port is free: no run fails for want of a dashboard.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var options = new DashboardOptions(context);
        if (!options.IsOn)
        {
            return;
        }

        var port = options.Port;
        app = Build(options, port);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            context.Say($"There is no dashboard at port {port}: {e.Message.TrimEnd('.')}. Set DASHBOARD_PORT to another port, or DASHBOARD=false.");
            return;
        }

        Address = new(app.Urls.First());
        if (options.TelemetryGoesTo is null)
        {
            context.Builder.ExecutionContext.TelemetryReceiver = Address;
        }

        context.Say($"The dashboard is at {Address}");
    }

    public ValueTask DisposeAsync() => app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private WebApplication Build(DashboardOptions options, int port)
    {
        // Empty: what the environment says of addresses and settings is meant for others.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            if (port == 0)
            {
                kestrel.Listen(IPAddress.Loopback, port);
            }
            else
            {
                kestrel.ListenLocalhost(port);
            }
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddLogging();
        builder.Services.AddRoutingCore();
        builder.Services.AddRequestDecompression();
        builder.Services.AddRazorComponents();
        builder.Services.AddSingleton(new TraceStore());
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(orchestrator);
        builder.Services.AddSingleton(commands);

        var server = builder.Build();
        server.UseRequestGuard();
        server.UseRequestDecompression();
        server.UseRouting();
        server.MapOtlp(server.Services.GetRequiredService<TraceStore>());
        server.MapDashboard();
        return server;
    }
}
