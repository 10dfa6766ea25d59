using System.Runtime.InteropServices;

namespace ProductAspire.Stores.Machine;

/// <summary>A user of a Unix system.</summary>
internal sealed record UnixUser(string Name, uint Uid, uint Gid)
{
    private const string Users = "/etc/passwd";

    /// <summary>Tells whether this process runs as root.</summary>
    public static bool IsRoot => !OperatingSystem.IsWindows() && geteuid() == 0;

    /// <summary>Returns the user with that name, or null.</summary>
    public static UnixUser? Find(string name) => !File.Exists(Users) ? null : File.ReadLines(Users)
        .Select(line => line.Split(':'))
        .Where(fields => fields.Length > 3 && fields[0] == name)
        .Select(fields => new UnixUser(name, uint.Parse(fields[2], null), uint.Parse(fields[3], null)))
        .FirstOrDefault();

    /// <summary>Makes this user the owner of a file or folder.</summary>
    /// <exception cref="IOException">The system refuses it.</exception>
    public void Own(string path)
    {
        if (chown(path, Uid, Gid) != 0)
        {
            throw new IOException($"'{path}' cannot be given to the user {Name}.");
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // Names of the C library; source-generated imports would need unsafe code.
    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint owner, uint group);

    [DllImport("libc")]
    private static extern uint geteuid();
#pragma warning restore IDE1006, SYSLIB1054
}
