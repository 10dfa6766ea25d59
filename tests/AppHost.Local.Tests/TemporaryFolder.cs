using ProductAspire.Local.Running;

namespace ProductAspire.Local.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("productaspire-").FullName;

    public TemporaryFolder()
    {
        if (!OperatingSystem.IsWindows())
        {
            // As a folder of a repository is; a temporary one is closed to others, and root's Postgres runs as another user.
            File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }

    public void Dispose() => StateFolder.TryDelete(Path);
}
