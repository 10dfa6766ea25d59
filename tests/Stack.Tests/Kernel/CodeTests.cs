using Cqrs.Items;
using Cqrs.Publishing;

namespace StackTests.Kernel;

/// <summary>A code is unique per tenant from the moment it is published. Conformance 16.</summary>
public sealed class CodeTests(Stack stack)
{
    [Fact]
    public async Task A_second_item_with_a_code_is_refused_in_the_tenant_and_fine_in_another()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await using var elsewhere = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair") with { Code = "C-1" });

        Assert.Equal(new PublishResult.CodeTaken("C-1"), await kernel.PublishAsync(kernel.Input("table") with { Code = "C-1" }));
        await elsewhere.AcceptAsync(elsewhere.Input("table") with { Code = "C-1" });

        Assert.Empty(await kernel.LogAsync("table"));
        Assert.Equal(new() { ["C-1"] = kernel.Key("chair").Id }, await kernel.ReservationsAsync());
    }

    [Fact]
    public async Task Changing_a_code_frees_the_old_one()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair") with { Code = "C-1" });
        await kernel.AcceptAsync(kernel.Input("chair", 1) with { Code = "C-2" });

        await kernel.AcceptAsync(kernel.Input("table") with { Code = "C-1" });
        Assert.Equal(new PublishResult.CodeTaken("C-2"), await kernel.PublishAsync(kernel.Input("bench") with { Code = "C-2" }));
        Assert.Equal(new PublishResult.CodeTaken("C-1"), await kernel.PublishAsync(kernel.Input("chair", 2) with { Code = "C-1" }));

        Assert.Equal(
            new() { ["C-1"] = kernel.Key("table").Id, ["C-2"] = kernel.Key("chair").Id }, await kernel.ReservationsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_items_that_want_a_code_at_once_one_gets_it(bool isSync)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        for (var round = 0; round < 4; round++)
        {
            var code = $"C-{round}";
            var results = await Task.WhenAll(Enumerable.Range(0, 4)
                .Select(i => kernel.PublishAsync(kernel.Input($"{round}-{i}") with { Code = code }, isSync)));

            var winner = Assert.Single(results.OfType<PublishResult.Accepted>()).Command;
            Assert.Equal(3, results.Count(result => result == new PublishResult.CodeTaken(code)));
            Assert.Equal(winner.Id, (await kernel.ReservationsAsync())[code]);
        }
    }

    [Fact]
    public async Task A_soft_delete_keeps_the_code()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair") with { Code = "C-1" });
        await kernel.AcceptAsync(kernel.Input("chair", 1) with { IsDeleted = true });

        Assert.Equal(new PublishResult.CodeTaken("C-1"), await kernel.PublishAsync(kernel.Input("table") with { Code = "C-1" }));
        Assert.Equal("C-1", (await kernel.AcceptAsync(kernel.Input("chair", 2))).Code);
    }

    // The code is the sort key where the caller gave none.
    [Fact]
    public async Task A_sort_key_that_was_chosen_is_a_code_too()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair"));

        Assert.Equal(new PublishResult.CodeTaken("chair"), await kernel.PublishAsync(kernel.Input("table") with { Code = "chair" }));
        await kernel.AcceptAsync(kernel.Input("chair", 1) with { Code = "C-1" });
        await kernel.AcceptAsync(kernel.Input("table") with { Code = "chair" });

        Assert.Equal(new PublishResult.CodeTaken("C-1"), await kernel.PublishAsync(kernel.Input("C-1")));
    }

    [Fact]
    public async Task A_generated_sort_key_needs_no_reservation_and_cannot_be_taken_as_a_code()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var sk = Keys.GenerateSk();
        await kernel.AcceptAsync(kernel.Input(sk));

        Assert.Empty(await kernel.ReservationsAsync());
        var rejected = Assert.IsType<PublishResult.Rejected>(await kernel.PublishAsync(kernel.Input("chair") with { Code = sk }));
        Assert.Equal("code", Assert.Single(rejected.Errors).Field);
    }

    [Fact]
    public async Task A_conflict_of_versions_is_told_before_a_taken_code()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        await kernel.AcceptAsync(kernel.Input("chair") with { Code = "C-1" });
        await kernel.AcceptAsync(kernel.Input("table") with { Code = "T-1" });

        Assert.Equal(new PublishResult.Conflict(1), await kernel.PublishAsync(kernel.Input("table") with { Code = "C-1" }));
        Assert.Equal(new PublishResult.CodeTaken("C-1"), await kernel.PublishAsync(kernel.Input("table", 1) with { Code = "C-1" }));
        Assert.Equal(new PublishResult.CodeTaken("C-1"), await kernel.PublishAsync(kernel.Input("table", -1) with { Code = "C-1" }));
    }

    // The data row still shows the code that the item has given up since.
    [Fact]
    public async Task A_code_moves_rightly_when_data_lags()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var first = await kernel.AcceptAsync(kernel.Input("chair") with { Code = "C-1" });
        await kernel.ProjectAsync(first);
        await kernel.AcceptAsync(kernel.Input("chair", 1) with { Code = "C-2" });
        await kernel.AcceptAsync(kernel.Input("table") with { Code = "C-1" });

        var third = await kernel.AcceptAsync(kernel.Input("chair", -1, "Renamed"));

        Assert.Equal("C-2", third.Code);
        Assert.Equal(
            new() { ["C-1"] = kernel.Key("table").Id, ["C-2"] = kernel.Key("chair").Id }, await kernel.ReservationsAsync());
    }

    [Fact]
    public async Task Codes_that_differ_in_case_or_accents_are_different()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        string[] codes = ["abc", "ABC", "abć", "abc ", "ab#c", "ab@1", "CODE#abc"];

        foreach (var (i, code) in codes.Index())
        {
            await kernel.AcceptAsync(kernel.Input($"s{i}") with { Code = code });
        }

        Assert.Equal(codes.Length, (await kernel.ReservationsAsync()).Count);
    }
}
