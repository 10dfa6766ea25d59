using System.Diagnostics;
using Aspire.Hosting;
using ProductAspire.Stores.Machine;
using ProductAspire.Stores.Running;

namespace ProductAspire.Stores.Postgres;

/// <summary>The folder that a Postgres server keeps its data in.</summary>
internal sealed class PostgresCluster(PostgresPrograms programs, string home)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Returns the user without rights that Postgres runs as, since it refuses to run as root; null if this process is not root.</summary>
    public static UnixUser? User { get; } = UnixUser.IsRoot ? UnixUser.Find("postgres") ?? UnixUser.Find("nobody") : null;

    public string Data { get; } = Path.Combine(home, "data");

    /// <summary>Makes the folder if it is not there.</summary>
    /// <exception cref="DistributedApplicationException">Postgres could not make it.</exception>
    public async Task CreateAsync(string password, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(home);
        User?.Own(home);
        if (File.Exists(Path.Combine(Data, "PG_VERSION")))
        {
            return;
        }

        StateFolder.TryDelete(Data); // A run that was killed left it half done.
        var secret = Path.Combine(home, "password");
        RememberedPassword.Write(secret, password);
        User?.Own(secret);
        try
        {
            string[] arguments =
                ["-D", Data, "-U", PostgresProcessResource.UserName, $"--pwfile={secret}", "--auth=scram-sha-256", "-E", "UTF8", .. Locale()];
            var result = await Command.RunAsync(programs.InitDb, arguments, Limit, cancellationToken, home, User?.Name);
            if (result is not { ExitCode: 0 })
            {
                StateFolder.TryDelete(Data);
                throw new DistributedApplicationException($"initdb failed:{Environment.NewLine}{result?.Output ?? "it took too long."}");
            }
        }
        finally
        {
            File.Delete(secret);
        }
    }

    /// <summary>
    /// Removes the file that a killed server left behind, which keeps the next server from starting as long as any process has the id in it. Only this
    /// run uses the folder, because it holds the lock. So the file means nothing, unless the process is a Postgres.
    /// </summary>
    public void RemoveStalePidFile()
    {
        var file = Path.Combine(Data, "postmaster.pid");
        if (File.Exists(file) && !(int.TryParse(File.ReadLines(file).FirstOrDefault(), out var pid) && IsPostgres(pid)))
        {
            File.Delete(file);
        }
    }

    private static bool IsPostgres(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.ProcessName.StartsWith("postgres", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    // Text is compared and folded the same way on every machine. Postgres brings that itself since version 17.
    private string[] Locale() =>
        programs.Version >= 17 ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        : OperatingSystem.IsLinux() ? ["--locale=C.UTF-8"]
        : ["--locale=C"];
}
