using Cqrs.Items;
using Cqrs.Publishing;

namespace StackTests.Kernel;

/// <summary>Updates that name only what they change. Conformance 10, 11.</summary>
public sealed class PartialUpdateTests(Stack stack)
{
    // Conformance 10.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_partial_update_keeps_what_it_does_not_name(bool isSync)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(
            kernel.Input("chair", 0, "Chair", """{"price":1,"tags":["a","b"],"specification":{"weight":"1 kg","dimensions":"1x1"}}""") with { Seq = 4 });

        var second = KernelHost.Accepted(
            await kernel.PatchAsync("chair", 1, """{"attributes":{"tags":["c"],"specification":{"weight":"2 kg"}}}""", isSync));
        var third = KernelHost.Accepted(await kernel.PatchAsync("chair", -1, """{"seq":null,"attributes":{"price":null}}""", isSync));

        Assert.Equal(("Chair", 4L, 2L), (second.Name, second.Seq, second.Version));
        Assert.True(JsonContent.AreSame(
            kernel.Input("", attributes: """{"price":1,"tags":["c"],"specification":{"weight":"2 kg","dimensions":"1x1"}}""").Attributes, second.Attributes));
        Assert.Equal((null, 3L), (third.Seq, third.Version));
        Assert.True(JsonContent.AreSame(
            kernel.Input("", attributes: """{"tags":["c"],"specification":{"weight":"2 kg","dimensions":"1x1"}}""").Attributes, third.Attributes));
        Assert.IsType<PublishResult.Unchanged>(await kernel.PatchAsync("chair", -1, """{"name":"Chair","attributes":{"tags":["c"]}}""", isSync));
    }

    // Conformance 11.
    [Theory]
    [InlineData(-1, false)]
    [InlineData(-1, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task A_partial_update_of_an_unknown_item_does_not_find_it(long version, bool isSync)
    {
        await using var kernel = await KernelHost.StartAsync(stack);

        Assert.Equal(new PublishResult.NotFound(), await kernel.PatchAsync("chair", version, """{"name":"New"}""", isSync));
        Assert.Empty(await kernel.LogAsync("chair"));
    }

    // Conformance 11.
    [Fact]
    public async Task A_partial_update_of_a_stale_version_is_a_conflict()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptManyAsync("chair", 2);

        Assert.Equal(new PublishResult.Conflict(2), await kernel.PatchAsync("chair", 1, """{"name":"New"}"""));
        Assert.Equal(new PublishResult.Conflict(2), await kernel.PatchAsync("chair", 3, """{"name":"New"}"""));
        Assert.Equal(2, (await kernel.LogAsync("chair")).Count);
    }

    [Fact]
    public async Task A_partial_update_finds_an_item_that_no_read_model_has_yet()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair", 0, "Chair"));

        Assert.Equal(2, KernelHost.Accepted(await kernel.PatchAsync("chair", -1, """{"name":"Stool"}""")).Version);
    }
}
