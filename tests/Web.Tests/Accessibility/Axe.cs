using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;

namespace WebTests.Accessibility;

/// <summary>Holds pages against the rules of axe-core, which npm fetches into the output folder, pinned by a lock file.</summary>
public sealed class Axe : IAsyncLifetime
{
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(5);

    private string script = "";

    public async ValueTask InitializeAsync()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Accessibility", "npm");
        var file = Path.Combine(folder, "node_modules", "axe-core", "axe.min.js");
        if (!File.Exists(file))
        {
            await FetchAsync(folder);
        }

        script = await File.ReadAllTextAsync(file);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What is seriously wrong with a page as it is now.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(IPage page)
    {
        // Evaluated by the browser's own tools: the page's policy lets no such script in.
        await page.EvaluateAsync(script);
        var found = await page.EvaluateAsync<JsonElement>("""
            async () => (await axe.run()).violations
              .filter(violation => ['serious', 'critical'].includes(violation.impact))
              .flatMap(violation => violation.nodes.map(node => `${violation.id}: ${node.html} ${node.failureSummary}`))
            """);
        return [.. found.EnumerateArray().Select(one => one.GetString()!)];
    }

    private static async Task FetchAsync(string folder)
    {
        // On Windows npm is a script, which only a shell starts.
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd", ["/c", "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            : new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        start.WorkingDirectory = folder;
        using var npm = Process.Start(start)!;
        await npm.WaitForExitAsync().WaitAsync(FetchTimeout);
        Assert.True(npm.ExitCode == 0, "npm could not fetch axe-core.");
    }
}
