using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace AppHostTests;

/// <summary>The AppHost as a user starts it: a process of its own, here with ports and a folder of its own.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    public const string Healthy = "Everything runs.";

    private const int Terminate = 15;
    private const int Kill = 9;

    private static readonly TimeSpan OrchestratorLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(4);

    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private readonly string _state;

    private AppHostProcess(ProcessStartInfo start, string state, AppHostPorts ports)
    {
        (_state, Ports) = (state, ports);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Collect;
        _process.ErrorDataReceived += Collect;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public AppHostPorts Ports { get; }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts the AppHost that these tests were built with.</summary>
    public static AppHostProcess Start(string state, AppHostPorts? ports = null, string[]? arguments = null, Dictionary<string, string?>? environment = null) =>
        Start(new ProcessStartInfo(DotnetProgram(), [typeof(Projects.AppHost).Assembly.Location, .. arguments ?? []]), state, ports ?? new(), environment);

    /// <summary>Starts it by the command of the README, in a folder with the repository.</summary>
    public static AppHostProcess Run(string folder, string state, AppHostPorts? ports = null, Dictionary<string, string?>? environment = null) =>
        Start(new ProcessStartInfo(DotnetProgram(), ["run", "--project", "AppHost"]) { WorkingDirectory = folder }, state, ports ?? new(), environment);

    /// <summary>Waits until it has printed a text.</summary>
    public async Task SaysAsync(string text)
    {
        await Eventually.IsTrueAsync(
            $"the AppHost says '{text}'",
            () => Task.FromResult(Output.Contains(text, StringComparison.Ordinal) || _process.HasExited),
            StartTimeout);
        Assert.True(Output.Contains(text, StringComparison.Ordinal), $"The AppHost did not say '{text}':\n{Output}");
    }

    /// <summary>Waits until it has ended, and returns its exit code.</summary>
    public async Task<int> EndsAsync()
    {
        await Eventually.IsTrueAsync("the AppHost has ended", () => Task.FromResult(_process.HasExited), StartTimeout);
        await _process.WaitForExitAsync(Cancellation);
        return _process.ExitCode;
    }

    /// <summary>Asks it to end, waits until no process of the run is left, and returns how long the application took: all but the orchestrator.</summary>
    public Task<TimeSpan> TerminateAsync() => EndAsync(AppHost(), Terminate);

    /// <summary>The same by a signal to the command that started it, which passes it on. It keeps SIGINT to itself.</summary>
    public Task<TimeSpan> TerminateCommandAsync() => EndAsync(_process.Id, Terminate);

    /// <summary>Kills the AppHost alone, waits until no process of the run is left, and returns how long the application took.</summary>
    public Task<TimeSpan> KillAsync() => EndAsync(AppHost(), Kill);

    /// <summary>Kills the AppHost alone, and does not wait for the processes that it has started.</summary>
    public void KillAndLeave()
    {
        _ = kill(_process.Id, Kill);
        _process.WaitForExit();
    }

    /// <summary>Returns the API in the name of a user.</summary>
    public async Task<HttpClient> ApiAsync(string tenant = "demo")
    {
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new($"http://localhost:{Ports.Api}") };
        var token = await http.GetStringAsync(new Uri($"/dev/token?user=ann&tenant={tenant}", UriKind.Relative), Cancellation);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    /// <summary>Returns the processes of the run: all that have its folder in the command line or in the environment.</summary>
    public IReadOnlyList<string> Processes() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), out var id) && id != Environment.ProcessId)
            .Where(folder => Read(folder, "cmdline").Contains(_state, StringComparison.Ordinal)
                || Read(folder, "environ").Contains(_state, StringComparison.Ordinal))
            .Select(folder => $"{Path.GetFileName(folder)} {Read(folder, "cmdline").Replace('\0', ' ')}"),
    ];

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await TerminateAsync();
        }

        _process.Dispose();
    }

    private static AppHostProcess Start(ProcessStartInfo start, string state, AppHostPorts ports, Dictionary<string, string?>? environment)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (var (name, value) in ports.Environment().Append(new("LOCAL_STATE", state)).Concat(environment ?? []))
        {
            start.Environment[name] = value;
        }

        return new AppHostProcess(start, state, ports);
    }

    private async Task<TimeSpan> EndAsync(int process, int signal)
    {
        var started = Stopwatch.GetTimestamp();
        _ = kill(process, signal);
        await Eventually.IsTrueAsync(
            "no process of the application is left", () => Task.FromResult(Processes().All(IsOfOrchestrator)), TimeSpan.FromMinutes(1));
        var took = Stopwatch.GetElapsedTime(started);
        // It has neither ports nor data of the application. It looks every few seconds whether the AppHost is there.
        await Eventually.IsTrueAsync("the orchestrator has ended too", () => Task.FromResult(Processes().Count == 0), OrchestratorLimit);
        return took;
    }

    // `dotnet run` has the AppHost as its child.
    private int AppHost() => _process.StartInfo.ArgumentList[0] == "run" ? AppHostRuns.ProcessTree.ChildrenOf(_process.Id).First() : _process.Id;

    private static bool IsOfOrchestrator(string process) => process.Contains("/dcp ", StringComparison.Ordinal);

    private static string Read(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return ""; // It has just ended, or is not ours.
        }
    }

    private static string DotnetProgram() => Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    private void Collect(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // A name of the C library; source-generated imports would need unsafe code.
    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);
#pragma warning restore IDE1006, SYSLIB1054
}

/// <summary>The ports of a run, which no other run has.</summary>
internal sealed record AppHostPorts
{
    public int Api { get; } = Free();

    public int Web { get; } = Free();

    public int Worker { get; } = Free();

    public int Dashboard { get; } = Free();

    private int Collector { get; } = Free();

    private int Resources { get; } = Free();

    public Dictionary<string, string?> Environment() => new()
    {
        ["PRODUCT_API_PORT"] = $"{Api}",
        ["PRODUCT_WEB_PORT"] = $"{Web}",
        ["PRODUCT_SYNCWORKER_PORT"] = $"{Worker}",
        ["ASPNETCORE_URLS"] = $"http://localhost:{Dashboard}",
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://localhost:{Collector}",
        ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = $"http://localhost:{Resources}",
        ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
        ["ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"] = "true",
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["DOTNET_ENVIRONMENT"] = "Development",
    };

    private static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
