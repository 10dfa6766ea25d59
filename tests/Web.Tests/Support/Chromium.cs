using System.Diagnostics;
using Microsoft.Playwright;

namespace WebTests.Support;

/// <summary>A Chromium to test with: one that is installed, else Playwright's own, else the distribution's.</summary>
internal static class Chromium
{
    private const string AptPackages = "chromium fonts-liberation";

    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(10);

    private static readonly string[] Names =
        ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge", "chrome.exe", "msedge.exe"];

    public static async Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        if (Installed() is { } path)
        {
            return await LaunchAsync(playwright, path);
        }

        if (File.Exists(playwright.Chromium.ExecutablePath) || await PlaywrightInstallsAsync())
        {
            try
            {
                return await LaunchAsync(playwright, path: null);
            }
            catch (PlaywrightException) when (CanUseApt)
            {
                // It is there, but lacks libraries of the system.
            }
        }

        if (CanUseApt
            && (await InstallByAptAsync() || (await RunAsync("apt-get", "update") && await InstallByAptAsync()))
            && Installed() is { } now)
        {
            return await LaunchAsync(playwright, now);
        }

        throw new InvalidOperationException(
            $"There is no Chromium to test with. Install one: 'apt-get install -y {AptPackages}' on Debian or Ubuntu, "
            + "elsewhere 'pwsh playwright.ps1 install --with-deps chromium' in the output folder of these tests.");
    }

    private static bool CanUseApt => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && OnPath("apt-get") is not null;

    private static Task<IBrowser> LaunchAsync(IPlaywright playwright, string? path) => playwright.Chromium.LaunchAsync(new()
    {
        ExecutablePath = path,
        Args =
        [
            // The sandbox does not start for root.
            .. OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess ? ["--no-sandbox"] : Array.Empty<string>(),
            // Calls nobody but the application.
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
        ],
    });

    private static string? Installed()
    {
        string?[] elsewhere =
        [
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            "/Applications/Chromium.app/Contents/MacOS/Chromium",
            "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
            .. new[] { Environment.SpecialFolder.ProgramFiles, Environment.SpecialFolder.ProgramFilesX86 }
                .Select(Environment.GetFolderPath)
                .SelectMany(folder => new[]
                {
                    Path.Combine(folder, "Google", "Chrome", "Application", "chrome.exe"),
                    Path.Combine(folder, "Microsoft", "Edge", "Application", "msedge.exe"),
                }),
        ];
        return Names.Select(OnPath).Concat(elsewhere).FirstOrDefault(File.Exists);
    }

    private static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    private static async Task<bool> PlaywrightInstallsAsync()
    {
        try
        {
            return await Task.Run(() => Microsoft.Playwright.Program.Main(["install", "chromium"])).WaitAsync(InstallTimeout) == 0;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static Task<bool> InstallByAptAsync() => RunAsync("apt-get", $"install -y --no-install-recommends {AptPackages}");

    private static async Task<bool> RunAsync(string command, string arguments)
    {
        using var process = Process.Start(command, arguments);
        await process.WaitForExitAsync().WaitAsync(InstallTimeout);
        return process.ExitCode == 0;
    }
}
