using Aspire.Hosting;

namespace ProductAspire.Local.Running;

/// <summary>
/// The folders of a run. <c>.local</c> beside the AppHost keeps tools and data; a test keeps its data in a folder of its own, in
/// memory if there is room, and takes it away at the end.
/// </summary>
internal sealed class StateFolder
{
    private const string TestPrefix = "productaspire-test-";
    private const long RoomForTest = 2L << 30;

    private readonly bool temporary;

    private StateFolder(string shared, string own, bool temporary)
    {
        Shared = shared;
        Own = own;
        this.temporary = temporary;
    }

    /// <summary>What all runs share: downloaded tools, passwords, remembered answers.</summary>
    public string Shared { get; }

    /// <summary>What belongs to this run: data of the stores, the record of its processes.</summary>
    public string Own { get; }

    public string Tools => Path.Combine(Shared, "tools");

    public string Data => Path.Combine(Own, "data");

    public static StateFolder ForRun(IDistributedApplicationBuilder builder)
    {
        var folder = SharedBy(builder);
        return new(folder, folder, temporary: false);
    }

    public static StateFolder ForTest(IDistributedApplicationBuilder builder)
    {
        var own = Path.Combine(TemporaryRoots().First(HasRoom), $"{TestPrefix}{Environment.ProcessId}-{Guid.NewGuid():N}");
        return new(SharedBy(builder), own, temporary: true);
    }

    /// <summary>Folders that killed test runs left behind: the process in the name is no more.</summary>
    public IEnumerable<string> Abandoned() => temporary
        ? TemporaryRoots().Where(Directory.Exists).SelectMany(root => Directory.EnumerateDirectories(root, TestPrefix + "*")).Where(OwnerIsGone)
        : [];

    public void Create()
    {
        foreach (var folder in new[] { Shared, Tools, Own, Data })
        {
            Directory.CreateDirectory(folder);
            if (!OperatingSystem.IsWindows() && Unix.IsRoot)
            {
                // Whatever the umask: Postgres runs as another user, and must be able to walk through to its data.
                File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }
        }
    }

    /// <summary>
    /// The folder, if a user without rights can walk to it, else one elsewhere with the same purpose: a repository in the home
    /// folder of root cannot be entered by the user that Postgres runs as.
    /// </summary>
    public string ReachableByOthers(string folder)
    {
        for (var at = new DirectoryInfo(Own); Unix.IsRoot && at is not null; at = at.Parent)
        {
            if (!at.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return Path.Combine("/var/lib/productaspire", Own.Trim('/').Replace('/', '-'), Path.GetFileName(folder));
            }
        }

        return folder;
    }

    public void Remove()
    {
        if (temporary)
        {
            TryDelete(Own);
        }
    }

    public static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In use by another run, or another user's.
        }
    }

    private static string SharedBy(IDistributedApplicationBuilder builder) =>
        builder.Configuration["LOCAL_STATE"] is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : Path.GetFullPath(Path.Combine(builder.AppHostDirectory, "..", ".local"));

    private static bool OwnerIsGone(string folder) =>
        int.TryParse(Path.GetFileName(folder)[TestPrefix.Length..].Split('-')[0], out var pid) && !ProcessRecord.IsAlive(pid);

    private static string[] TemporaryRoots() => ["/dev/shm", Path.GetTempPath()];

    private static bool HasRoom(string root) =>
        root == Path.GetTempPath() || (Directory.Exists(root) && new DriveInfo(root).AvailableFreeSpace > RoomForTest);
}
