using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProductAspire.Local.Dashboard;
using ProductAspire.Local.Running;
using ProductAspire.Local.Testing;

namespace Aspire.Hosting;

/// <summary>Collects the model, and makes of it an application that runs as processes of this machine.</summary>
internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder host;
    private readonly string[] args;
    private readonly TestSession? test;

    public DistributedApplicationBuilder(string[] args, Assembly appHost, TestSession? test)
    {
        this.args = args;
        this.test = test;
        AppHostAssembly = appHost;
        AppHostDirectory = appHost.Metadata("AppHostProjectPath") ?? Directory.GetCurrentDirectory();
        host = new(new HostApplicationBuilderSettings
        {
            Args = args,
            ApplicationName = appHost.GetName().Name,
            ContentRootPath = AppHostDirectory,
            // What the launch profile of the AppHost says, which a test does not go through.
            EnvironmentName = test is null ? null : Environments.Development,
        });
        host.Logging.ClearProviders();
        host.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(1));
        host.Services.AddHttpClient();
        State = test is null ? StateFolder.ForRun(this) : StateFolder.ForTest(this);
        ExecutionContext = new(IsPublish(host.Configuration)
            ? DistributedApplicationOperation.Publish
            : DistributedApplicationOperation.Run);
    }

    public StateFolder State { get; }

    public ConfigurationManager Configuration => host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly AppHostAssembly { get; }

    public IHostEnvironment Environment => host.Environment;

    public IServiceCollection Services => host.Services;

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    /// <summary>Under test the entry point of the AppHost ends here: the test builds and runs the application itself.</summary>
    public DistributedApplication Build() => test is null ? BuildApplication() : throw test.Catch(this);

    internal DistributedApplication BuildApplication()
    {
        var notifications = new ResourceNotificationService();
        var context = new RunContext(this, State, args, test is not null);
        var orchestrator = new Orchestrator(context, Resources, notifications);
        Services.AddSingleton(notifications);
        Services.AddSingleton(orchestrator);
        Services.AddSingleton(context);
        Services.AddSingleton(provider => new ResourceCommandService(orchestrator, provider));
        Services.AddSingleton(provider => new DashboardServer(context, orchestrator, provider.GetRequiredService<ResourceCommandService>()));
        Services.AddSingleton(new DistributedApplicationModel(Resources));
        Services.AddSingleton(ExecutionContext);
        if (context.IsTest)
        {
            // Ctrl+C is the business of the test runner.
            Services.AddSingleton<IHostLifetime, NoLifetime>();
        }

        return new DistributedApplication(host.Build());
    }

    private static bool IsPublish(IConfiguration configuration) =>
        string.Equals(configuration["operation"], "publish", StringComparison.OrdinalIgnoreCase) || configuration["publisher"] is not null;
}
