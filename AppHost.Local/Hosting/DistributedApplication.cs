using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ProductAspire.Local.Choosing;
using ProductAspire.Local.Dashboard;
using ProductAspire.Local.Running;
using ProductAspire.Local.Testing;

namespace Aspire.Hosting;

/// <summary>The application: its stores and services as processes of this machine.</summary>
public class DistributedApplication(IHost host) : IAsyncDisposable
{
    private readonly Orchestrator orchestrator = host.Services.GetRequiredService<Orchestrator>();
    private readonly DashboardServer dashboard = host.Services.GetRequiredService<DashboardServer>();

    public IServiceProvider Services => host.Services;

    public ResourceNotificationService ResourceNotifications { get; } = host.Services.GetRequiredService<ResourceNotificationService>();

    public ResourceCommandService ResourceCommands { get; } = host.Services.GetRequiredService<ResourceCommandService>();

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(
        args,
        TestSession.Current?.AppHost ?? Assembly.GetEntryAssembly() ?? throw new InvalidOperationException("There is no entry assembly."),
        TestSession.Current);

    public virtual async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var stopping = Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        await host.StartAsync(either.Token);
        Services.GetRequiredService<RunContext>().StopApplication = Services.GetRequiredService<IHostApplicationLifetime>().StopApplication;
        await orchestrator.PrepareAsync(either.Token);
        await dashboard.StartAsync(either.Token);
        await orchestrator.StartAsync(either.Token);
    }

    public virtual async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await orchestrator.StopAsync(cancellationToken);
        await host.StopAsync(cancellationToken);
    }

    /// <summary>Runs until Ctrl+C, SIGTERM, or the failure of something that others wait for. The exit code says which.</summary>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        await using var disposal = this;
        var context = Services.GetRequiredService<RunContext>();
        var choice = new AspireChoice(context);
        if (await choice.RunsUnderAspireAsync(cancellationToken))
        {
            Environment.ExitCode = await choice.RunUnderAspireAsync(cancellationToken);
            return;
        }

        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        try
        {
            await StartAsync(cancellationToken);
            _ = ResourceTable.ShowWhenHealthyAsync(orchestrator.Instances, ResourceNotifications, dashboard.Address, lifetime.ApplicationStopping);
            await Task.Delay(Timeout.Infinite, lifetime.ApplicationStopping).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Asked to stop, while starting or later.
        }
        catch (DistributedApplicationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            Environment.ExitCode = 1;
        }

        await StopAsync(CancellationToken.None);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await orchestrator.DisposeAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
