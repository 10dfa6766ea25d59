using System.Globalization;
using Aspire.Hosting.AWS.DynamoDB;
using Aspire.Hosting.ApplicationModel;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Stores;

/// <summary>Runs DynamoDB Local, the program of AWS itself, on the machine's Java.</summary>
internal sealed class DynamoDBLauncher(DynamoDBLocalResource resource, RunContext context) : ILauncher
{
    private const string Jar = "DynamoDBLocal.jar";
    private const string Libraries = "DynamoDBLocal_lib";
    private const string LoopbackConfiguration = "loopback.xml";

    /// <summary>A folder where DynamoDB Local is already unpacked: nothing is downloaded then.</summary>
    private const string FolderVariable = "DYNAMODB_LOCAL_PATH";

    private readonly NpmTool tool = new("dynamodb-local", "DynamoDB Local (65 MB)", context);
    private readonly string? given = context.Builder.Configuration[FolderVariable] is { Length: > 0 } folder ? folder : null;
    private string? java;

    private string Program => given ?? Path.Combine(tool.Packages, "amplify-dynamodb-simulator", "emulator");

    private string ConfigurationFile => Path.Combine(context.State.Own, LoopbackConfiguration);

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
        await using var content = typeof(DynamoDBLauncher).Assembly.GetManifestResourceStream(LoopbackConfiguration)!;
        await using var copy = File.Create(ConfigurationFile);
        await content.CopyToAsync(copy, cancellationToken);
    }

    public Task<LaunchSpec?> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var port = new EndpointReference(resource, "http").Port.ToString(CultureInfo.InvariantCulture);
        string[] arguments = CanBeKeptToLoopback()
            ? [
                "-cp", string.Join(Path.PathSeparator, Jar, Path.Combine(Libraries, "*")), "org.eclipse.jetty.xml.XmlConfiguration",
                $"store.port={port}", $"store.folder={Data}", ConfigurationFile,
            ]
            : ["-jar", Jar, "-port", port, "-dbPath", Data, "-sharedDb", "-disableTelemetry"];
        return Task.FromResult<LaunchSpec?>(new LaunchSpec(java!, [$"-Djava.library.path=./{Libraries}", .. arguments], Program)
        {
            Environment = new Dictionary<string, string> { ["DDB_LOCAL_TELEMETRY"] = "0" },
        });
    }

    // By its own command line DynamoDB Local listens on every address of the machine. The configuration is for the server inside the fetched version; a
    // version that the user has brought may have another one.
    private bool CanBeKeptToLoopback() =>
        given is null || (Directory.Exists(Path.Combine(given, Libraries)) && Directory.EnumerateFiles(Path.Combine(given, Libraries), "jetty-xml-9.*.jar").Any());
}
