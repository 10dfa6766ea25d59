using Cqrs.Items;
using Cqrs.Publishing;

namespace StackTests.Kernel;

/// <summary>Business rules that are asked before a publish.</summary>
public sealed class DecisionTests(Stack stack)
{
    [Fact]
    public async Task A_decision_sees_the_newest_state_and_is_asked_again_when_it_has_changed()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("counter", 0, "x", """{"n":0}"""));

        Task<PublishResult> AddOneAsync() => kernel.Commands.UpdateAsync(
            kernel.Key("counter"),
            Keys.VersionLatest,
            current => new Decision.Publish(kernel.Input("counter", 0, "x", $$"""{"n":{{current.Attributes["n"]!.GetValue<decimal>() + 1}}}""")),
            kernel.By(),
            cancellationToken: TestContext.Current.CancellationToken);
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => AddOneAsync()));

        Assert.All(results, result => KernelHost.Accepted(result));
        Assert.Equal(6m, (await kernel.LogAsync("counter"))[^1].Attributes["n"]!.GetValue<decimal>());
    }

    [Fact]
    public async Task A_decision_may_refuse()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair"));

        var result = await kernel.Commands.UpdateAsync(
            kernel.Key("chair"),
            Keys.VersionLatest,
            _ => new Decision.Reject([new("name", "is fine as it is")]),
            kernel.By(),
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("name", Assert.Single(Assert.IsType<PublishResult.Rejected>(result).Errors).Field);
        Assert.Single(await kernel.LogAsync("chair"));
    }
}
