using System.Runtime.InteropServices;
using AppHostRuns;

namespace FaultTests.Support;

/// <summary>Stops and kills processes for real.</summary>
internal static class Signals
{
    private const int Kill = 9;
    private const int Continue = 18;
    private const int Stop = 19;

    public static void KillNow(int pid) => Send(pid, Kill);

    /// <summary>Stops a process and its children (a database server has many) until the return value is disposed of.</summary>
    public static Frozen Freeze(int pid)
    {
        // The parent first: it makes no more children then.
        Send(pid, Stop);
        var pids = new List<int> { pid };
        for (var i = 0; i < pids.Count; i++)
        {
            foreach (var child in ProcessTree.ChildrenOf(pids[i]))
            {
                Send(child, Stop);
                pids.Add(child);
            }
        }

        return new Frozen(pids);
    }

    private static void Send(int pid, int signal) => _ = kill(pid, signal);

    /// <summary>Stopped processes; they go on when it is disposed of.</summary>
    internal sealed class Frozen(IReadOnlyList<int> pids) : IDisposable
    {
        public void Dispose()
        {
            foreach (var pid in pids)
            {
                Send(pid, Continue);
            }
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // A name of the C library; source-generated imports would need unsafe code.
    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);
#pragma warning restore IDE1006, SYSLIB1054
}
