using System.Diagnostics;
using Cqrs.Reading;

namespace StackTests.Kernel;

/// <summary>How far a command has come, and how long who asks waits for it.</summary>
public sealed class StatusTests(Stack stack)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_failure_is_told_at_once_and_the_versions_before_and_after_it_are_waited_for()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        // By what its target takes it is known that the handler fails on one command alone.
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("taken")));
        kernel.Handler.Fails = command => command.Name == "Bad" ? new InvalidOperationException("bad") : null;
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("chair", 0, "Bad")));

        var (status, elapsed) = await AskAsync(kernel, 1);
        Assert.Equal(CommandStatus.Failed, status);
        Assert.InRange(elapsed, TimeSpan.Zero, Soon);

        var second = await kernel.AcceptAsync(kernel.Input("chair", 1, "Good"));
        var waiting = AskAsync(kernel, 2);
        await kernel.ProjectAsync(second);
        Assert.Equal(CommandStatus.Finished, (await waiting).Status);
        Assert.Equal(CommandStatus.Finished, (await AskAsync(kernel, 1)).Status);
    }

    [Fact]
    public async Task A_failure_ends_the_waiting_for_its_command_alone()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        // By what its target takes it is known that the handler fails on one command alone.
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("taken")));
        kernel.Handler.Fails = command => command.Name == "Bad" ? new InvalidOperationException("bad") : null;
        var bad = await kernel.AcceptAsync(kernel.Input("chair", 0, "Bad"));
        var good = await kernel.AcceptAsync(kernel.Input("table", 0, "Good"));
        var waiting = AskAsync(kernel, 1);
        var waitingForGood = kernel.Of<CommandStatusService>().GetAsync(good.Key, 1, Wait, TestContext.Current.CancellationToken);

        await kernel.ProjectAsync(bad);

        var (status, elapsed) = await waiting;
        Assert.Equal(CommandStatus.Failed, status);
        Assert.InRange(elapsed, TimeSpan.Zero, Soon);
        Assert.False(waitingForGood.IsCompleted);
        await kernel.ProjectAsync(good);
        Assert.Equal(CommandStatus.Finished, (await waitingForGood)!.Value.Status);
    }

    private static async Task<(CommandStatus Status, TimeSpan Elapsed)> AskAsync(KernelHost kernel, long version)
    {
        var started = Stopwatch.GetTimestamp();
        var answer = await kernel.Of<CommandStatusService>().GetAsync(kernel.Key("chair"), version, Wait, TestContext.Current.CancellationToken);
        return (answer!.Value.Status, Stopwatch.GetElapsedTime(started));
    }
}
