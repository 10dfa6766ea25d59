using Cqrs.Items;

namespace Cqrs.Projection;

/// <summary>Finds the commands in a batch that cannot be applied, and applies the others.</summary>
internal static class FaultIsolation
{
    private const int ItemsAtOnce = 8;

    /// <summary>
    /// Applies a batch; if that fails by more than a store's fault, halves it (never between versions of an item) until the items at fault
    /// stand alone, and then goes through their versions one by one. Many items at fault are dealt with side by side: it takes time to give one up.
    /// </summary>
    /// <param name="commands">The batch, by item and in version order.</param>
    /// <param name="apply">Applies a part of the batch.</param>
    /// <param name="giveUp">
    /// Is called with a command that failed alone, and with its failure. When it returns, the command is done. It is called for several items at a time.
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Exception">A fault of a whole store: nothing can be said of single commands.</exception>
    public static async Task ApplyAsync(
        IReadOnlyList<CommandModel> commands,
        Func<IReadOnlyList<CommandModel>, Task> apply,
        Func<CommandModel, Exception, Task> giveUp,
        CancellationToken cancellationToken)
    {
        var atFault = new List<(List<CommandModel> Item, Exception Failure)>();
        await IsolateAsync(commands, apply, atFault);
        await Parallel.ForEachAsync(
            atFault,
            new ParallelOptions { MaxDegreeOfParallelism = ItemsAtOnce, CancellationToken = cancellationToken },
            async (fault, _) => await (fault.Item is [var only] ? giveUp(only, fault.Failure) : ApplyOneByOneAsync(fault.Item, apply, giveUp)));
    }

    private static async Task IsolateAsync(
        IReadOnlyList<CommandModel> commands, Func<IReadOnlyList<CommandModel>, Task> apply, List<(List<CommandModel> Item, Exception Failure)> atFault)
    {
        if (commands.Count == 0)
        {
            return;
        }

        Exception failure;
        try
        {
            await apply(commands);
            return;
        }
        catch (Exception thrown) when (!StoreFaults.IsStoreFault(thrown))
        {
            failure = thrown;
        }

        var items = commands.GroupBy(command => command.Key).Select(group => group.ToList()).ToList();
        if (items.Count == 1)
        {
            atFault.Add((items[0], failure));
            return;
        }

        var half = items.Count / 2;
        await IsolateAsync([.. items.Take(half).SelectMany(item => item)], apply, atFault);
        await IsolateAsync([.. items.Skip(half).SelectMany(item => item)], apply, atFault);
    }

    private static async Task ApplyOneByOneAsync(
        IReadOnlyList<CommandModel> item, Func<IReadOnlyList<CommandModel>, Task> apply, Func<CommandModel, Exception, Task> giveUp)
    {
        foreach (var command in item)
        {
            try
            {
                await apply([command]);
            }
            catch (Exception failure) when (!StoreFaults.IsStoreFault(failure))
            {
                await giveUp(command, failure);
            }
        }
    }
}
