namespace ProductAspire.Stores.Machine;

/// <summary>Finds programs as a shell does.</summary>
internal static class Programs
{
    private static readonly string[] Endings = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat"] : [""];

    /// <summary>Returns the path of a program on the PATH, or null.</summary>
    /// <param name="name">The name without the ending that Windows gives it.</param>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => Endings.Select(ending => Path.Combine(folder, name + ending)))
            .FirstOrDefault(File.Exists);
}
