using System.Diagnostics;
using System.Globalization;

namespace AppHostRuns;

/// <summary>Tells which processes a process has started.</summary>
internal static class ProcessTree
{
    public static IEnumerable<int> ChildrenOf(int parent)
    {
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                if (ParentOf(process.Id) == parent)
                {
                    yield return process.Id;
                }
            }
        }
    }

    /// <summary>Returns the name of a process; empty if it has ended.</summary>
    public static string NameOf(int pid) => Read(pid) is { } stat ? stat[(stat.IndexOf('(') + 1)..stat.LastIndexOf(')')] : "";

    private static int ParentOf(int pid) =>
        Read(pid) is { } stat ? int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) : 0;

    // "pid (name) state ppid …"; a name may have blanks and brackets. Null if the process has ended.
    private static string? Read(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (IOException)
        {
            return null;
        }
    }
}
