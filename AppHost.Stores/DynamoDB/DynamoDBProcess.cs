using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ProductAspire.Stores.Machine;
using ProductAspire.Stores.Running;

namespace ProductAspire.Stores.DynamoDB;

/// <summary>DynamoDB Local, the program of AWS itself, as a process on the machine's Java.</summary>
internal sealed class DynamoDBProcessResource(string name, string folder) : ExecutableResource(name, "java", folder), IResourceWithEndpoints;

/// <summary>Fetches DynamoDB Local and tells how it is started.</summary>
internal sealed class DynamoDBProcess
{
    // A folder where DynamoDB Local is unpacked already. Nothing is downloaded then.
    private const string FolderVariable = "DYNAMODB_LOCAL_PATH";

    private const string Jar = "DynamoDBLocal.jar";
    private const string Libraries = "DynamoDBLocal_lib";
    private const string LoopbackConfiguration = "loopback.xml";

    private readonly LocalRun run;
    private readonly NpmPackage package;
    private readonly string? given;
    private readonly string data;
    private bool isPrepared;

    public DynamoDBProcess(IDistributedApplicationBuilder builder, LocalRun run, string name)
    {
        this.run = run;
        given = builder.Configuration[FolderVariable] is { Length: > 0 } folder ? folder : null;
        package = new NpmPackage("dynamodb-local", "DynamoDB Local (65 MB)", Path.Combine(run.Folder.Tools, "dynamodb-local"));
        data = Path.Combine(run.Folder.Data, name);
        Folder = given ?? Path.Combine(package.Packages, "amplify-dynamodb-simulator", "emulator");
    }

    /// <summary>Returns the folder of the program.</summary>
    public string Folder { get; }

    /// <summary>Returns the Java that was found.</summary>
    public string? Java { get; private set; }

    public async Task<IReadOnlyList<string>> FindProblemsAsync(CancellationToken cancellationToken)
    {
        Java = await JavaFinder.FindAsync(cancellationToken);
        return
        [
            .. Java is null ? [Prerequisite.Java] : Array.Empty<string>(),
            .. given is null ? package.FindMissing() : [],
            .. given is null || File.Exists(Path.Combine(given, Jar)) ? Array.Empty<string>() : [$"{FolderVariable} is {given}, where there is no {Jar}."],
        ];
    }

    /// <summary>Makes everything ready for the process to start.</summary>
    public async Task PrepareAsync(IResource resource, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (given is null)
        {
            await package.InstallAsync(_ => { }, new ResourceStatus(resource, services).ShowAsync, cancellationToken);
        }

        if (!isPrepared && run.Settings.IsFresh)
        {
            StateFolder.TryDelete(data);
        }

        isPrepared = true;
        Directory.CreateDirectory(data);
        await using var content = typeof(DynamoDBProcess).Assembly.GetManifestResourceStream(LoopbackConfiguration)!;
        await using var copy = File.Create(Path.Combine(run.Folder.Own, LoopbackConfiguration));
        await content.CopyToAsync(copy, cancellationToken);
    }

    /// <summary>Adds the arguments of Java.</summary>
    public void AddArguments(CommandLineArgsCallbackContext context, int port)
    {
        context.Args.Add($"-Djava.library.path=./{Libraries}");
        var number = port.ToString(CultureInfo.InvariantCulture);
        string[] arguments = CanBeKeptToLoopback()
            ? [
                "-cp", string.Join(Path.PathSeparator, Jar, Path.Combine(Libraries, "*")), "org.eclipse.jetty.xml.XmlConfiguration",
                $"store.port={number}", $"store.folder={data}", Path.Combine(run.Folder.Own, LoopbackConfiguration),
            ]
            : ["-jar", Jar, "-port", number, "-dbPath", data, "-sharedDb", "-disableTelemetry"];
        foreach (var argument in arguments)
        {
            context.Args.Add(argument);
        }
    }

    // By its own command line DynamoDB Local listens on every address of the machine. The configuration is for the server inside the fetched version;
    // a version that the user has brought may have another one.
    private bool CanBeKeptToLoopback() =>
        given is null || (Directory.Exists(Path.Combine(given, Libraries)) && Directory.EnumerateFiles(Path.Combine(given, Libraries), "jetty-xml-9.*.jar").Any());
}
