using System.Diagnostics;

namespace ProductAspire.Local.Running;

/// <summary>A running process whose output is read line by line.</summary>
internal sealed class ChildProcess
{
    private readonly Process process;
    private readonly LaunchSpec spec;

    private ChildProcess(Process process, LaunchSpec spec, Task<int> completion)
    {
        this.process = process;
        this.spec = spec;
        Completion = completion;
    }

    public int Pid => process.Id;

    /// <summary>The exit code, once the process has ended and all it wrote has been read.</summary>
    public Task<int> Completion { get; }

    public static ChildProcess Start(LaunchSpec spec, Action<string> onLine)
    {
        IReadOnlyList<string> command = OperatingSystem.IsWindows() ? [spec.FileName, .. spec.Arguments] : Wrapper.Wrap(spec);
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (spec.UserName is not null)
        {
            start.UserName = spec.UserName;
        }

        foreach (var (name, value) in spec.Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{spec.FileName} did not start.");
        return new(process, spec, WatchAsync(process, onLine));
    }

    /// <summary>Asks the process to stop, and kills it if it does not within its time.</summary>
    public async Task StopAsync()
    {
        if (OperatingSystem.IsWindows())
        {
            Kill();
        }
        else
        {
            Unix.Signal(Pid, spec.Signal);
            Unix.Continue(Pid);
        }

        if (await Task.WhenAny(Completion, Task.Delay(spec.Grace)) != Completion)
        {
            Kill();
        }

        await Completion;
    }

    private void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has just ended by itself.
        }
    }

    private static async Task<int> WatchAsync(Process process, Action<string> onLine)
    {
        var output = Task.WhenAll(ReadAsync(process.StandardOutput, onLine), ReadAsync(process.StandardError, onLine));
        await process.WaitForExitAsync(CancellationToken.None);
        // A grandchild that lives on may hold the pipes: what it has to say is not waited for.
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromSeconds(1)));
        await DismissWatcherAsync(process.StandardInput);
        return process.ExitCode;
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            onLine(line);
        }
    }

    private static async Task DismissWatcherAsync(StreamWriter input)
    {
        try
        {
            await input.WriteLineAsync();
            await input.DisposeAsync();
        }
        catch (IOException)
        {
            // It is gone already.
        }
    }
}
