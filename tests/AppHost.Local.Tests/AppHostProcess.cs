using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Tests;

/// <summary>The AppHost as its user starts it: a process of its own, here with its own state and ports.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private readonly StringBuilder output = new();
    private readonly Process process;
    private readonly string state;

    private AppHostProcess(string state, ProcessStartInfo start)
    {
        this.state = state;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += Collect;
        process.ErrorDataReceived += Collect;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    public int Pid => process.Id;

    public static AppHostProcess Start(string state, Ports ports, string[]? args = null, Dictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(Dotnet.Program, [typeof(Projects.AppHost).Assembly.Location, .. args ?? []])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var settings = new Dictionary<string, string?>
        {
            ["Aspire"] = "false",
            ["LOCAL_STATE"] = state,
            ["DYNAMODB_LOCAL_PATH"] = Installed.DynamoDB,
            ["PRODUCT_API_PORT"] = ports.TakeFree().ToString(null, null),
            ["PRODUCT_SYNCWORKER_PORT"] = ports.TakeFree().ToString(null, null),
            ["PRODUCT_WEB_PORT"] = ports.TakeFree().ToString(null, null),
            ["DASHBOARD_PORT"] = ports.TakeFree().ToString(null, null),
        };
        foreach (var (name, value) in settings.Concat(environment ?? []))
        {
            start.Environment[name] = value;
        }

        return new(state, start);
    }

    /// <summary>The processes that the AppHost has written down as its own.</summary>
    public Dictionary<string, int> Children()
    {
        try
        {
            var record = File.ReadAllText(Path.Combine(state, "processes.json"));
            return JsonSerializer.Deserialize<Dictionary<string, ProcessRecord.Entry>>(record)!.ToDictionary(one => one.Key, one => one.Value.Pid);
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    public Task Says(string text, int seconds = 40) => Eventually.Holds(
        () => Output.Contains(text, StringComparison.Ordinal) || (process.HasExited && Fail(text)), $"'{text}' in:\n{Output}", seconds);

    public async Task<int> Ends(int seconds = 40)
    {
        await Eventually.Holds(() => process.HasExited, "the AppHost has ended", seconds);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public void Signal(StopSignal signal) => Unix.Signal(process.Id, signal);

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            Signal(StopSignal.Terminate);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }

    private bool Fail(string text)
    {
        process.WaitForExit();
        Assert.Contains(text, Output, StringComparison.Ordinal);
        return true;
    }

    private void Collect(object sender, DataReceivedEventArgs line)
    {
        lock (output)
        {
            output.AppendLine(line.Data);
        }
    }
}
