using Aspire.Hosting;
using ProductAspire.Local.Running;
using ProductAspire.Local.Stores;

namespace ProductAspire.Local.Tests;

/// <summary>DynamoDB Local, fetched once for all tests and for the application itself.</summary>
public sealed class Installed : IAsyncLifetime
{
    public static string DynamoDB { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var builder = new DistributedApplicationBuilder([], typeof(Projects.AppHost).Assembly, test: null);
        var context = new RunContext(builder, builder.State, [], isTest: true);
        var tool = new NpmTool("dynamodb-local", "DynamoDB Local", context);
        Directory.CreateDirectory(builder.State.Tools);
        await tool.InstallAsync(_ => { }, CancellationToken.None);
        DynamoDB = Path.Combine(tool.Packages, "amplify-dynamodb-simulator", "emulator");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
