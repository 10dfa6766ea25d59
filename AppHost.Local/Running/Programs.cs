namespace ProductAspire.Local.Running;

/// <summary>Finds programs as a shell would.</summary>
internal static class Programs
{
    private static readonly string[] Endings = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat"] : [""];

    public static string? Find(string name) => Find(name, []);

    /// <param name="name">Without the ending that Windows gives it.</param>
    /// <param name="folders">Looked at after the PATH.</param>
    public static string? Find(string name, IEnumerable<string> folders) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(folders)
            .SelectMany(folder => Endings.Select(ending => Path.Combine(folder, name + ending)))
            .FirstOrDefault(File.Exists);
}
