using System.Diagnostics;
using Aspire.Hosting;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Stores;

/// <summary>The folder that a Postgres server keeps its data in.</summary>
internal sealed class PostgresCluster(PostgresPrograms programs, string home)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Postgres refuses to run as root: it then runs as a user without rights, who owns the data.</summary>
    private static readonly UnixUser? Servant = Unix.IsRoot ? UnixUser.Find("postgres") ?? UnixUser.Find("nobody") : null;

    public static string? UserName => Servant?.Name;

    public string Data { get; } = Path.Combine(home, "data");

    public async Task CreateAsync(string userName, string password, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(home);
        Own(home);
        if (File.Exists(Path.Combine(Data, "PG_VERSION")))
        {
            return;
        }

        StateFolder.TryDelete(Data); // Left half done by a run that was killed.
        var secret = Path.Combine(home, "password");
        GeneratedPassword.WriteSecret(secret, password);
        Own(secret);
        try
        {
            string[] arguments = ["-D", Data, "-U", userName, $"--pwfile={secret}", "--auth=scram-sha-256", "-E", "UTF8", .. Locale()];
            var result = await Command.RunAsync(programs.InitDb, arguments, Limit, cancellationToken, home, UserName);
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
    /// A server that was killed leaves its process id behind, and the next one does not start while any process has that id. Nobody
    /// but this run uses the folder (it holds the lock), so unless that process is a Postgres, the file means nothing.
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
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void Own(string path)
    {
        if (Servant is not null)
        {
            Unix.ChangeOwner(path, Servant);
        }
    }

    // Text of any language is compared and folded the same way on every machine. Postgres brings that itself since version 17.
    private string[] Locale() =>
        programs.Version >= 17 ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        : OperatingSystem.IsLinux() ? ["--locale=C.UTF-8"]
        : ["--locale=C"];
}
