using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ProductAspire.Stores.Running;

namespace ProductAspire.Stores.Postgres;

/// <summary>Finds or fetches a Postgres, makes its data folder, and tells how it is started.</summary>
internal sealed class PostgresProcess(IDistributedApplicationBuilder builder, LocalRun run, string name)
{
    /// <summary>The program that is started. A shell stands before Postgres where there are signals; see <see cref="Script"/>.</summary>
    public const string Shell = "/bin/sh";

    // Names the folder with the programs of the Postgres to use; "npm" uses the fetched one in any case.
    private const string FolderVariable = "POSTGRES_BIN";

    // The orchestrator stops a process with SIGTERM, on which Postgres waits until every client has left. On SIGINT it ends at once and in order.
    private const string Script =
        """
        trap 'kill -s INT "$server"' TERM INT
        "$@" &
        server=$!
        while kill -s 0 "$server" 2>/dev/null; do wait "$server"; code=$?; done
        exit "${code:-0}"
        """;

    private readonly string? given = builder.Configuration[FolderVariable] is { Length: > 0 } folder ? folder : null;
    private readonly PostgresPackage package = new(Path.Combine(run.Folder.ReachableByOthers(run.Folder.Tools), "postgres"));
    private PostgresPrograms? programs;
    private PostgresCluster? cluster;

    public string PasswordFile => Path.Combine(run.Folder.Own, "passwords", $"{name}-password");

    public async Task<IReadOnlyList<string>> FindProblemsAsync(CancellationToken cancellationToken)
    {
        var installed = given == "npm" ? [] : await PostgresFinder.FindAsync(given, cancellationToken);
        // The version that made the data opens them.
        programs = installed.FirstOrDefault(one => Directory.Exists(Home(one.Version))) ?? installed.FirstOrDefault();
        return (programs, given) switch
        {
            (not null, _) => [],
            (_, not null and not "npm") => [$"{FolderVariable} is {given}, where there is no PostgreSQL 14 or later."],
            _ => package.FindMissing(),
        };
    }

    /// <summary>Makes everything ready for the process to start.</summary>
    public async Task PrepareAsync(PostgresProcessResource resource, IServiceProvider services, CancellationToken cancellationToken)
    {
        programs ??= await package.InstallAsync(new ResourceStatus(resource, services).ShowAsync, cancellationToken);
        if (cluster is null)
        {
            cluster = new PostgresCluster(programs, Home(programs.Version));
            if (run.Settings.IsFresh)
            {
                StateFolder.TryDelete(cluster.Data);
            }
        }

        await cluster.CreateAsync((await resource.Password.GetValueAsync(cancellationToken))!, cancellationToken);
        cluster.RemoveStalePidFile();
    }

    /// <summary>Adds the arguments of the program. It is called after <see cref="PrepareAsync"/>.</summary>
    public void AddArguments(CommandLineArgsCallbackContext context, EndpointReference endpoint)
    {
        if (programs is null || cluster is null)
        {
            return; // The model is only looked at.
        }

        string[] settings =
        [
            "listen_addresses=localhost", "unix_socket_directories=", "max_connections=200",
            .. run.Settings.IsTemporary ? ["fsync=off", "max_wal_size=256MB"] : Array.Empty<string>(),
        ];
        object[] arguments =
        [
            .. OperatingSystem.IsWindows() ? Array.Empty<string>() : ["-c", Script, "postgres", .. AsUser(), programs.Server],
            "-D", cluster.Data, "-p", endpoint.Property(EndpointProperty.TargetPort), .. settings.SelectMany(one => new[] { "-c", one }),
        ];
        foreach (var argument in arguments)
        {
            context.Args.Add(argument);
        }
    }

    /// <summary>Returns the program to start.</summary>
    public string Program() => OperatingSystem.IsWindows() ? programs?.Server ?? "postgres" : Shell;

    private static string[] AsUser() => PostgresCluster.User is { } user
        ? ["setpriv", $"--reuid={user.Uid}", $"--regid={user.Gid}", "--clear-groups"]
        : [];

    private string Home(int version) => run.Folder.ReachableByOthers(Path.Combine(run.Folder.Data, $"{name}-{version}"));
}
