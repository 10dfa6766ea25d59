using System.Text.RegularExpressions;
using ProductAspire.Stores.Machine;

namespace ProductAspire.Stores.Postgres;

/// <summary>The programs of one Postgres.</summary>
internal sealed record PostgresPrograms(string Folder, int Version)
{
    public string Server => Path.Combine(Folder, OperatingSystem.IsWindows() ? "postgres.exe" : "postgres");

    public string InitDb => Path.Combine(Folder, OperatingSystem.IsWindows() ? "initdb.exe" : "initdb");
}

/// <summary>Finds the installed Postgres servers; package systems rarely put them on the PATH.</summary>
internal static partial class PostgresFinder
{
    private const int Oldest = 14;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static readonly (string Root, string Pattern, string Below)[] Places =
    [
        ("/usr/lib/postgresql", "*", "bin"),
        ("/usr", "pgsql-*", "bin"),
        ("/opt/homebrew/opt", "postgresql*", "bin"),
        ("/usr/local/opt", "postgresql*", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "*", "bin"),
        ("C:\\Program Files\\PostgreSQL", "*", "bin"),
    ];

    /// <param name="given">The only folder to look in, if the user names one.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static async Task<IReadOnlyList<PostgresPrograms>> FindAsync(string? given, CancellationToken cancellationToken)
    {
        var folders = given is null ? Folders() : [given];
        var found = await Task.WhenAll(folders.Distinct().Select(folder => ReadAsync(folder, cancellationToken)));
        return [.. found.OfType<PostgresPrograms>().Where(one => one.Version >= Oldest).OrderByDescending(one => one.Version)];
    }

    public static async Task<PostgresPrograms?> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var programs = new PostgresPrograms(folder, 0);
        if (!File.Exists(programs.Server) || !File.Exists(programs.InitDb))
        {
            return null;
        }

        var answer = await Command.RunAsync(programs.Server, ["--version"], Limit, cancellationToken);
        return answer is { ExitCode: 0 } && Major().Match(answer.Output) is { Success: true } found
            ? programs with { Version = int.Parse(found.Groups[1].Value, null) }
            : null;
    }

    private static IEnumerable<string> Folders()
    {
        if (Programs.Find("postgres") is { } onPath)
        {
            // A link into the real folder, where its libraries and initdb are.
            yield return Path.GetDirectoryName(File.ResolveLinkTarget(onPath, returnFinalTarget: true)?.FullName ?? onPath)!;
        }

        foreach (var (root, pattern, below) in Places.Where(place => Directory.Exists(place.Root)))
        {
            foreach (var folder in Directory.EnumerateDirectories(root, pattern))
            {
                yield return Path.Combine(folder, below);
            }
        }
    }

    [GeneratedRegex(@"(\d+)[.\w]*\s*(\(|$)", RegexOptions.Multiline)]
    private static partial Regex Major();
}
