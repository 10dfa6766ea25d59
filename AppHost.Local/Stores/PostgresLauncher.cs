using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Stores;

/// <summary>Runs a real Postgres: an installed one, else the one that npm has.</summary>
internal sealed class PostgresLauncher(PostgresServerResource resource, RunContext context) : ILauncher
{
    /// <summary>
    /// The folder with the programs of the Postgres to use, if there are several or it is in an unusual place; or <c>npm</c>, to use
    /// the downloaded one in any case.
    /// </summary>
    private const string FolderVariable = "POSTGRES_BIN";

    private readonly string? given = context.Builder.Configuration[FolderVariable] is { Length: > 0 } folder ? folder : null;
    private readonly NpmTool tool = new(
        "postgres", "PostgreSQL 18 (60 MB)", context, Path.Combine(context.State.ReachableByOthers(context.State.Tools), "postgres"));

    private PostgresPrograms? programs;
    private PostgresCluster? cluster;

    public async Task<IReadOnlyList<string>> FindMissingAsync(CancellationToken cancellationToken)
    {
        var installed = given == "npm" ? [] : await PostgresFinder.FindAsync(given, cancellationToken);
        // Data that is there already is opened by the version that made it.
        programs = installed.FirstOrDefault(one => Directory.Exists(Home(one.Version))) ?? installed.FirstOrDefault();
        return (programs, given) switch
        {
            (not null, _) => [],
            (_, not null and not "npm") => [$"{FolderVariable} is {given}, where there is no PostgreSQL 14 or later."],
            _ => tool.IsInstalled || NpmTool.MissingNpm() is null ? [] : [Prerequisite.Postgres],
        };
    }

    public async Task InstallAsync(CancellationToken cancellationToken)
    {
        programs ??= await InstallProgramsAsync(cancellationToken);
        cluster = new(programs, Home(programs.Version));
        if (!resource.Annotations.OfType<KeepDataAnnotation>().Any())
        {
            StateFolder.TryDelete(cluster.Data);
        }
    }

    public async Task<LaunchSpec?> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var user = await resource.UserNameReference.GetValueAsync(cancellationToken);
        var password = await resource.PasswordParameter.GetValueAsync(cancellationToken);
        await cluster!.CreateAsync(user!, password!, cancellationToken);
        cluster.RemoveStalePidFile();
        var port = resource.PrimaryEndpoint.Port.ToString(CultureInfo.InvariantCulture);
        string[] settings =
        [
            "listen_addresses=localhost", "unix_socket_directories=", "max_connections=200",
            // The data of a test need not outlive the machine, only the process.
            .. context.IsTest ? ["fsync=off", "max_wal_size=256MB"] : Array.Empty<string>(),
        ];
        return new LaunchSpec(programs!.Server, ["-D", cluster.Data, "-p", port, .. settings.SelectMany(one => new[] { "-c", one })], "/")
        {
            // SIGTERM would wait for every client to leave.
            Signal = StopSignal.Interrupt,
            UserName = PostgresCluster.UserName,
        };
    }

    /// <summary>Ready means: it lets us in, and its databases are there.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        var server = await ((IResourceWithConnectionString)resource).GetConnectionStringAsync(cancellationToken);
        return await PostgresQuery.TryAsync($"{server};Database=postgres", async connection =>
        {
            foreach (var database in resource.Databases.Values)
            {
                await PostgresQuery.CreateDatabaseAsync(connection, database, cancellationToken);
            }
        }, cancellationToken);
    }

    /// <summary>The children of a server that was killed take a moment to see it; until then the next one is refused.</summary>
    public bool IsPassing(IReadOnlyList<string> lastLines) =>
        lastLines.Any(line => line.Contains("pre-existing shared memory block") || line.Contains("lock file \"postmaster.pid\" already exists"));

    private string Home(int version) =>
        context.State.ReachableByOthers(Path.Combine(context.State.Data, $"{resource.Name}-{version}"));

    private async Task<PostgresPrograms> InstallProgramsAsync(CancellationToken cancellationToken)
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var package = Path.Combine("@embedded-postgres", $"{system}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}");
        await tool.InstallAsync(packages => LinkLibraries(Path.Combine(packages, package)), cancellationToken);
        return await PostgresFinder.ReadAsync(Path.Combine(tool.Packages, package, "native", "bin"), cancellationToken)
            ?? throw new DistributedApplicationException($"The downloaded PostgreSQL does not run here. {Prerequisite.Postgres}");
    }

    /// <summary>npm packages hold no links: the package lists them, and its own script, which makes them, is not run.</summary>
    private static void LinkLibraries(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        foreach (var link in JsonSerializer.Deserialize<Link[]>(File.ReadAllText(list), JsonSerializerOptions.Web) ?? [])
        {
            var at = Path.Combine(package, link.Target);
            if (!File.Exists(at))
            {
                File.CreateSymbolicLink(at, Path.GetRelativePath(Path.GetDirectoryName(at)!, Path.Combine(package, link.Source)));
            }
        }
    }

    private sealed record Link(string Source, string Target);
}
