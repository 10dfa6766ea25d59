using System.Diagnostics;
using System.Text.Json;

namespace ProductAspire.Local.Running;

/// <summary>
/// Remembers on disk which processes this run has started, so that the next one can end what is left of it. A process id alone
/// proves nothing, it may belong to another program by now: the time of its start must be the same too.
/// </summary>
internal sealed class ProcessRecord(string folder)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string file = Path.Combine(folder, "processes.json");
    private readonly Dictionary<string, Entry> entries = [];

    public void Add(string name, int pid, StopSignal signal)
    {
        if (StartOf(pid) is { } start)
        {
            Write(() => entries[name] = new(pid, start, signal));
        }
    }

    public void Remove(string name) => Write(() => entries.Remove(name));

    public static bool IsAlive(int pid) => StartOf(pid) is not null;

    /// <summary>Ends what an earlier run left behind: politely, then not.</summary>
    public async Task<IReadOnlyList<string>> EndLeftoversAsync(CancellationToken cancellationToken)
    {
        var left = Read().Where(entry => IsAlive(entry.Value)).ToList();
        foreach (var (_, entry) in left)
        {
            if (!OperatingSystem.IsWindows())
            {
                Unix.Signal(entry.Pid, entry.Signal);
                Unix.Continue(entry.Pid);
            }
        }

        var deadline = DateTime.UtcNow + (OperatingSystem.IsWindows() ? TimeSpan.Zero : Patience);
        while (left.Any(one => IsAlive(one.Value)) && DateTime.UtcNow < deadline)
        {
            await Task.Delay(50, cancellationToken);
        }

        foreach (var (_, entry) in left.Where(one => IsAlive(one.Value)))
        {
            using var process = Process.GetProcessById(entry.Pid);
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(cancellationToken);
        }

        File.Delete(file);
        return [.. left.Select(one => one.Key)];
    }

    private Dictionary<string, Entry> Read()
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, Entry>>(File.ReadAllText(file)) ?? [] : [];
        }
        catch (JsonException)
        {
            return []; // Cut off by the end of that run: nothing can be known from it.
        }
    }

    private void Write(Action change)
    {
        lock (entries)
        {
            change();
            var draft = file + ".new";
            File.WriteAllText(draft, JsonSerializer.Serialize(entries));
            File.Move(draft, file, overwrite: true);
        }
    }

    private static bool IsAlive(Entry entry) => StartOf(entry.Pid) is { } start && (start - entry.Start).Duration() < Tolerance;

    private static DateTime? StartOf(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.HasExited ? null : process.StartTime.ToUniversalTime();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    internal sealed record Entry(int Pid, DateTime Start, StopSignal Signal);
}
