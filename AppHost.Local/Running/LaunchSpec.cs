namespace ProductAspire.Local.Running;

/// <summary>How a process is started, and how it is asked to stop.</summary>
internal sealed record LaunchSpec(string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public StopSignal Signal { get; init; } = StopSignal.Terminate;

    /// <summary>How long it may take to stop before it is killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Another user to run as; only root can ask for it.</summary>
    public string? UserName { get; init; }
}

/// <summary>The numbers of the signals are the same on Linux and macOS.</summary>
internal enum StopSignal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
}
