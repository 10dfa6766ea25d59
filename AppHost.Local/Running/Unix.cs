using System.Runtime.InteropServices;

namespace ProductAspire.Local.Running;

/// <summary>The few calls of the system that .NET does not offer.</summary>
internal static class Unix
{
    private const int ContinueOnLinux = 18;
    private const int ContinueOnMac = 19;

    public static bool IsRoot => !OperatingSystem.IsWindows() && geteuid() == 0;

    public static void Signal(int pid, StopSignal signal) => _ = kill(pid, (int)signal);

    /// <summary>A stopped process takes no other signal before this one.</summary>
    public static void Continue(int pid) => _ = kill(pid, OperatingSystem.IsMacOS() ? ContinueOnMac : ContinueOnLinux);

    public static void ChangeOwner(string path, UnixUser user)
    {
        if (chown(path, user.Uid, user.Gid) != 0)
        {
            throw new IOException($"'{path}' cannot be given to the user {user.Name}.");
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // Names of the C library; source-generated imports would need unsafe code.
    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint owner, uint group);

    [DllImport("libc")]
    private static extern uint geteuid();
#pragma warning restore IDE1006, SYSLIB1054
}

internal sealed record UnixUser(string Name, uint Uid, uint Gid)
{
    public static UnixUser? Find(string name)
    {
        const string Users = "/etc/passwd";
        return !File.Exists(Users) ? null : File.ReadLines(Users)
            .Select(line => line.Split(':'))
            .Where(fields => fields.Length > 3 && fields[0] == name)
            .Select(fields => new UnixUser(name, uint.Parse(fields[2], null), uint.Parse(fields[3], null)))
            .FirstOrDefault();
    }
}
