using System.Diagnostics;
using ProductAspire.Stores.Machine;

namespace ProductAspire.Stores.Running;

/// <summary>
/// The folders of a run: <see cref="Tools"/> for fetched programs, which all runs share, and <see cref="Data"/> for its stores. The data of
/// a temporary run are in memory if there is room, and go with it.
/// </summary>
internal sealed class StateFolder(StoreSettings settings)
{
    private const string TemporaryPrefix = "productaspire-run-";
    private const long RoomInMemory = 2L << 30;

    /// <summary>Gets the folder of this run alone.</summary>
    public string Own { get; } = settings.IsTemporary
        ? Path.Combine(TemporaryRoots().First(HasRoom), $"{TemporaryPrefix}{Environment.ProcessId}-{Guid.NewGuid():N}")
        : settings.State;

    public string Tools { get; } = Path.Combine(settings.State, "tools");

    public string Data => Path.Combine(Own, "data");

    public void Create()
    {
        foreach (var folder in new[] { settings.State, Tools, Own, Data })
        {
            Directory.CreateDirectory(folder);
            if (!OperatingSystem.IsWindows() && UnixUser.IsRoot)
            {
                // Postgres runs as another user, who must be able to walk through to its data, whatever the umask.
                File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }
        }
    }

    /// <summary>
    /// Returns the folder if a user without rights can walk to it, else one elsewhere with the same purpose. The user that Postgres runs
    /// as cannot enter a repository in the home folder of root.
    /// </summary>
    public string ReachableByOthers(string folder)
    {
        for (var parent = new DirectoryInfo(Own); UnixUser.IsRoot && parent is not null; parent = parent.Parent)
        {
            if (parent.Exists && !parent.UnixFileMode.HasFlag(UnixFileMode.OtherExecute) && parent.FullName != Own)
            {
                return Path.Combine("/var/lib/productaspire", Own.Trim('/').Replace('/', '-'), Path.GetFileName(folder));
            }
        }

        return folder;
    }

    /// <summary>Removes the data of a temporary run.</summary>
    public void Remove()
    {
        if (settings.IsTemporary)
        {
            TryDelete(Own);
        }
    }

    /// <summary>Removes what killed temporary runs left behind: the process in the folder's name is gone.</summary>
    public static void RemoveAbandoned()
    {
        var folders = TemporaryRoots().Where(Directory.Exists).SelectMany(root => Directory.EnumerateDirectories(root, TemporaryPrefix + "*"));
        foreach (var folder in folders.Where(OwnerIsGone))
        {
            TryDelete(folder);
        }
    }

    public static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Another run uses it, or it belongs to another user.
        }
    }

    private static bool OwnerIsGone(string folder) =>
        int.TryParse(Path.GetFileName(folder)[TemporaryPrefix.Length..].Split('-')[0], out var id) && !IsAlive(id);

    public static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static string[] TemporaryRoots() => ["/dev/shm", Path.GetTempPath()];

    private static bool HasRoom(string root) =>
        root == Path.GetTempPath() || (Directory.Exists(root) && new DriveInfo(root).AvailableFreeSpace > RoomInMemory);
}
