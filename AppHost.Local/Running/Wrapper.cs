namespace ProductAspire.Local.Running;

/// <summary>
/// What stands before a process on Linux and macOS, and is replaced by it (same process id):
/// a session of its own, so that Ctrl+C in the terminal reaches the AppHost alone and it stops everything in order;
/// and a watcher that reads the pipe to the AppHost. When that breaks, the AppHost is gone, even by kill -9: the watcher stops the
/// process, so no orphan stays. A line on the pipe tells the watcher that it is no longer needed.
/// </summary>
internal static class Wrapper
{
    private const string Script =
        """
        exec 3<&0
        (
          read -r _ <&3 && exit
          kill -s "$0" $$
          n=0
          while kill -s 0 $$ && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
          kill -s KILL $$
        ) >/dev/null 2>&1 &
        exec "$@" 3<&- </dev/null
        """;

    private static readonly string[] OwnSession =
        Programs.Find("setsid") is { } setsid ? [setsid]
        : Programs.Find("perl") is { } perl ? [perl, "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV or die"]
        : [];

    public static IReadOnlyList<string> Wrap(LaunchSpec spec) =>
    [
        .. OwnSession, "/bin/sh", "-c", Script, spec.Signal == StopSignal.Interrupt ? "INT" : "TERM",
        .. WithNamesThatShellsDrop(spec), spec.FileName, .. spec.Arguments,
    ];

    // A shell may not pass on variables whose names it could not set itself, such as services__product-api__http__0.
    private static IEnumerable<string> WithNamesThatShellsDrop(LaunchSpec spec)
    {
        var dropped = spec.Environment
            .Where(variable => variable.Key.Any(character => !char.IsAsciiLetterOrDigit(character) && character != '_'))
            .Select(variable => $"{variable.Key}={variable.Value}")
            .ToList();
        return dropped.Count > 0 ? ["env", .. dropped] : [];
    }
}
