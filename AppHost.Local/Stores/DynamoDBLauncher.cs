using System.Globalization;
using Aspire.Hosting.AWS.DynamoDB;
using Aspire.Hosting.ApplicationModel;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Stores;

/// <summary>Runs DynamoDB Local, the program of AWS itself, on the machine's Java.</summary>
internal sealed class DynamoDBLauncher(DynamoDBLocalResource resource, RunContext context) : ILauncher
{
    private const string Jar = "DynamoDBLocal.jar";

    /// <summary>A folder where DynamoDB Local is already unpacked: nothing is downloaded then.</summary>
    private const string FolderVariable = "DYNAMODB_LOCAL_PATH";

    private readonly NpmTool tool = new("dynamodb-local", "DynamoDB Local (65 MB)", context);
    private readonly string? given = context.Builder.Configuration[FolderVariable] is { Length: > 0 } folder ? folder : null;
    private string? java;

    private string Program => given ?? Path.Combine(tool.Packages, "amplify-dynamodb-simulator", "emulator");

    private string Data => Path.Combine(context.State.Data, resource.Name);

    public async Task<IReadOnlyList<string>> FindMissingAsync(CancellationToken cancellationToken)
    {
        java = await JavaFinder.FindAsync(cancellationToken);
        string?[] missing =
        [
            java is null ? Prerequisite.Java : null,
            given is null && !tool.IsInstalled ? NpmTool.MissingNpm() : null,
            given is not null && !File.Exists(Path.Combine(given, Jar)) ? $"{FolderVariable} is {given}, where there is no {Jar}." : null,
        ];
        return [.. missing.OfType<string>()];
    }

    public async Task InstallAsync(CancellationToken cancellationToken)
    {
        if (given is null)
        {
            await tool.InstallAsync(_ => { }, cancellationToken);
        }

        if (!resource.Annotations.OfType<KeepDataAnnotation>().Any())
        {
            StateFolder.TryDelete(Data);
        }

        Directory.CreateDirectory(Data);
    }

    public Task<LaunchSpec?> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var port = new EndpointReference(resource, "http").Port.ToString(CultureInfo.InvariantCulture);
        var options = resource.Options;
        string[] storage = options.InMemory ? ["-inMemory"] : ["-dbPath", Data];
        string[] arguments =
        [
            "-Djava.library.path=./DynamoDBLocal_lib", "-jar", Jar, "-port", port, .. storage,
            .. options.SharedDb ? ["-sharedDb"] : Array.Empty<string>(),
            .. options.DelayTransientStatuses ? ["-delayTransientStatuses"] : Array.Empty<string>(),
            .. options.DisableDynamoDBLocalTelemetry ? ["-disableTelemetry"] : Array.Empty<string>(),
        ];
        return Task.FromResult<LaunchSpec?>(new LaunchSpec(java!, arguments, Program));
    }
}
