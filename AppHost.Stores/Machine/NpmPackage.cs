using System.Diagnostics;
using Aspire.Hosting;

namespace ProductAspire.Stores.Machine;

/// <summary>
/// A program that is published as an npm package. It is fetched once. The lock file, embedded in this assembly, pins what is fetched by its hash, and
/// no script of a package is run.
/// </summary>
/// <param name="name">The folder of the lock file.</param>
/// <param name="title">The name and the size to show.</param>
/// <param name="folder">The folder to fetch into.</param>
internal sealed class NpmPackage(string name, string title, string folder)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(2);
    private static readonly string[] Files = ["package.json", "package-lock.json"];

    public bool IsInstalled => Directory.Exists(folder);

    public string Packages => Path.Combine(folder, "node_modules");

    /// <summary>Returns what is missing to fetch it.</summary>
    public IReadOnlyList<string> FindMissing() => IsInstalled || Programs.Find("npm") is not null ? [] : [Prerequisite.Npm];

    /// <summary>Fetches the package if it is not there.</summary>
    /// <param name="finish">Completes the unpacked packages before they are used.</param>
    /// <param name="showAsync">Shows the progress.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <exception cref="DistributedApplicationException">The download failed.</exception>
    public async Task InstallAsync(Action<string> finish, Func<string, Task> showAsync, CancellationToken cancellationToken)
    {
        if (IsInstalled)
        {
            return;
        }

        using var turn = await FileLock.TakeAsync(folder + ".lock", cancellationToken);
        if (IsInstalled)
        {
            return; // Another run has fetched it meanwhile.
        }

        // Beside its place, then moved: a download that was cut off is never taken for a whole one.
        var draft = folder + ".new";
        if (Directory.Exists(draft))
        {
            Directory.Delete(draft, recursive: true);
        }

        Directory.CreateDirectory(draft);
        foreach (var file in Files)
        {
            await using var content = typeof(NpmPackage).Assembly.GetManifestResourceStream($"npm/{name}/{file}")!;
            await using var copy = File.Create(Path.Combine(draft, file));
            await content.CopyToAsync(copy, cancellationToken);
        }

        await FetchAsync(draft, showAsync, cancellationToken);
        finish(Path.Combine(draft, "node_modules"));
        Directory.Move(draft, folder);
    }

    private async Task FetchAsync(string draft, Func<string, Task> showAsync, CancellationToken cancellationToken)
    {
        await showAsync($"Downloading {title}");
        var time = Stopwatch.StartNew();
        var npm = Command.RunAsync(
            Programs.Find("npm")!, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], Limit, cancellationToken, workingDirectory: draft);
        while (await Task.WhenAny(npm, Task.Delay(BetweenReports, cancellationToken)) != npm)
        {
            await showAsync($"Downloading {title}: {SizeOf(draft) >> 20} MB after {time.Elapsed.TotalSeconds:0} s");
        }

        var result = await npm;
        if (result is not { ExitCode: 0 })
        {
            throw new DistributedApplicationException($"""
                {title} could not be downloaded with npm:
                {result?.Output ?? $"npm took longer than {Limit.TotalMinutes} minutes."}
                """);
        }

        await showAsync($"Downloaded {title} in {time.Elapsed.TotalSeconds:0} s");
    }

    private static long SizeOf(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Exists ? file.Length : 0);
}
