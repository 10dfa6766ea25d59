using System.Diagnostics;
using System.Text.Json;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Tests;

public sealed class ProcessRecordTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Process process = Process.Start("sleep", "600");

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_process_that_an_earlier_run_left_behind_is_ended()
    {
        new ProcessRecord(folder.Path).Add("left", process.Id, StopSignal.Terminate);

        var ended = await new ProcessRecord(folder.Path).EndLeftoversAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["left"], ended);
        Assert.True(process.WaitForExit(5000));
    }

    [Fact]
    public async Task A_stopped_process_that_was_left_behind_is_ended_too()
    {
        new ProcessRecord(folder.Path).Add("left", process.Id, StopSignal.Terminate);
        using (var stop = Process.Start("kill", ["-s", "STOP", $"{process.Id}"]))
        {
            await stop.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await new ProcessRecord(folder.Path).EndLeftoversAsync(TestContext.Current.CancellationToken);

        Assert.True(process.WaitForExit(5000));
    }

    [Fact]
    public async Task Another_program_that_has_the_process_id_by_now_is_left_alone()
    {
        var entry = new ProcessRecord.Entry(process.Id, DateTime.UtcNow.AddHours(-1), StopSignal.Kill);
        var record = JsonSerializer.Serialize(new Dictionary<string, ProcessRecord.Entry> { ["left"] = entry });
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "processes.json"), record, TestContext.Current.CancellationToken);

        var ended = await new ProcessRecord(folder.Path).EndLeftoversAsync(TestContext.Current.CancellationToken);

        Assert.Empty(ended);
        Assert.False(process.HasExited);
    }

    [Fact]
    public async Task A_record_that_was_cut_off_stops_nobody_from_starting()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "processes.json"), "{\"po", TestContext.Current.CancellationToken);

        Assert.Empty(await new ProcessRecord(folder.Path).EndLeftoversAsync(TestContext.Current.CancellationToken));
    }
}
