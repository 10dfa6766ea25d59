using System.Text.RegularExpressions;
using ProductAspire.Stores.Machine;

namespace ProductAspire.Stores.DynamoDB;

/// <summary>Finds a Java that DynamoDB Local runs on.</summary>
internal static partial class JavaFinder
{
    private const int Oldest = 17;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        foreach (var java in Candidates())
        {
            // macOS has a /usr/bin/java that only says where to get one: what counts is what it answers.
            var answer = await Command.RunAsync(java, ["-version"], Limit, cancellationToken);
            if (answer is { ExitCode: 0 } && Version().Match(answer.Output) is { Success: true } found &&
                int.Parse(found.Groups[1].Value, null) >= Oldest)
            {
                return java;
            }
        }

        return null;
    }

    private static IEnumerable<string> Candidates()
    {
        var program = OperatingSystem.IsWindows() ? "java.exe" : "java";
        string?[] all =
        [
            Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } home ? Path.Combine(home, "bin", program) : null,
            Programs.Find("java"),
            "/opt/homebrew/opt/openjdk/bin/java",
            "/opt/homebrew/opt/openjdk@17/bin/java",
            "/usr/local/opt/openjdk/bin/java",
            "/usr/local/opt/openjdk@17/bin/java",
        ];
        return all.Where(File.Exists).Cast<string>().Distinct();
    }

    [GeneratedRegex("version \"(\\d+)")]
    private static partial Regex Version();
}
