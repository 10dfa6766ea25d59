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

    private static int ParentOf(int pid)
    {
        try
        {
            // "pid (name) state ppid …"; a name may have blanks and brackets.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // It has just ended.
        }
    }
}
