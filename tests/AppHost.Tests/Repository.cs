using System.Runtime.CompilerServices;

namespace AppHostTests;

/// <summary>The repository that these tests are built from.</summary>
internal static class Repository
{
    private static readonly string[] Left = ["bin", "obj", ".git", ".local", "artifacts", "TestResults", "node_modules"];

    public static string Root { get; } = Path.GetFullPath(Path.Combine(FolderOfThisFile(), "..", ".."));

    /// <summary>Copies what a fresh clone has.</summary>
    public static void CopyTo(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Root))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        foreach (var below in Directory.EnumerateDirectories(Root).Where(below => !Left.Contains(Path.GetFileName(below))))
        {
            CopyFolder(below, Path.Combine(folder, Path.GetFileName(below)));
        }
    }

    /// <summary>Moves the ports of the dashboard, which the launch profile sets, in a copy.</summary>
    public static void MovePorts(string folder, AppHostPorts ports)
    {
        var file = Path.Combine(folder, "AppHost", "Properties", "launchSettings.json");
        var profile = File.ReadAllText(file);
        var environment = ports.Environment();
        foreach (var (port, variable) in new[]
        {
            ("15080", "ASPNETCORE_URLS"),
            ("19080", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"),
            ("20080", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"),
        })
        {
            Assert.Contains($"http://localhost:{port}", profile, StringComparison.Ordinal);
            profile = profile.Replace($"http://localhost:{port}", environment[variable], StringComparison.Ordinal);
        }

        File.WriteAllText(file, profile);
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var below in Directory.EnumerateDirectories(from).Where(below => !Left.Contains(Path.GetFileName(below))))
        {
            CopyFolder(below, Path.Combine(to, Path.GetFileName(below)));
        }
    }

    private static string FolderOfThisFile([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
