using System.Collections.Concurrent;
using Cqrs.Items;
using Cqrs.Projection;

namespace Cqrs.Tests;

/// <summary>How the commands in a batch are found that cannot be applied.</summary>
public sealed class FaultIsolationTests
{
    private readonly ConcurrentQueue<CommandModel> _applied = new();
    private readonly ConcurrentQueue<CommandModel> _givenUp = new();

    [Fact]
    public async Task All_but_the_commands_at_fault_are_applied_and_each_item_in_its_order()
    {
        var batch = Batch(items: 20, versions: 3);
        var bad = batch.Where(command => command is { Name: "item 3", Version: 2 } or { Name: "item 17" }).ToHashSet();

        await FaultIsolation.ApplyAsync(batch, Apply(bad), GiveUp, TestContext.Current.CancellationToken);

        Assert.Equal(bad, _givenUp.ToHashSet());
        Assert.Equal(batch.Count - bad.Count, _applied.Count);
        Assert.All(_applied.GroupBy(command => command.Key), item => Assert.Equal(item.OrderBy(command => command.Version), item));
        Assert.All(_givenUp.GroupBy(command => command.Key), item => Assert.Equal(item.OrderBy(command => command.Version), item));
    }

    [Fact]
    public async Task Items_at_fault_do_not_wait_for_each_other()
    {
        var batch = Batch(items: 4, versions: 1);
        var allHaveBegun = new TaskCompletionSource();
        var begun = 0;

        // Giving up takes as long as retries do: here until the last of them has begun.
        await FaultIsolation.ApplyAsync(
            batch,
            Apply([.. batch]),
            (_, _) =>
            {
                if (Interlocked.Increment(ref begun) == batch.Count)
                {
                    allHaveBegun.SetResult();
                }

                return allHaveBegun.Task.WaitAsync(TimeSpan.FromSeconds(20));
            },
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_fault_of_the_store_gives_nobody_up()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => FaultIsolation.ApplyAsync(
            Batch(items: 4, versions: 2), _ => throw new TimeoutException(), GiveUp, TestContext.Current.CancellationToken));

        Assert.Empty(_givenUp);
    }

    private static List<CommandModel> Batch(int items, int versions) =>
    [
        .. from item in Enumerable.Range(0, items)
           from version in Enumerable.Range(1, versions)
           select Samples.Command() with { Sk = $"{item}@{version}", Id = $"PRODUCT#acme#{item}", Name = $"item {item}", Version = version },
    ];

    private Func<IReadOnlyList<CommandModel>, Task> Apply(HashSet<CommandModel> bad) => some =>
    {
        if (some.Any(bad.Contains))
        {
            throw new InvalidOperationException("Refused.");
        }

        foreach (var command in some)
        {
            _applied.Enqueue(command);
        }

        return Task.CompletedTask;
    };

    private Task GiveUp(CommandModel command, Exception failure)
    {
        Assert.IsType<InvalidOperationException>(failure);
        _givenUp.Enqueue(command);
        return Task.CompletedTask;
    }
}
