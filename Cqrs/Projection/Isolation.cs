namespace Cqrs.Projection;

/// <summary>Finds the commands in a batch that cannot be applied, and applies the others.</summary>
internal static class Isolation
{
    /// <summary>
    /// Applies a batch; if that fails by more than a store's fault, halves it (never between versions of an item) until the items at fault
    /// stand alone, and then goes through their versions one by one.
    /// </summary>
    /// <param name="commands">The batch, by item and in version order.</param>
    /// <param name="apply">Applies some of it.</param>
    /// <param name="giveUp">Is told a command that failed alone, and why; when it returns, the command is dealt with.</param>
    /// <exception cref="Exception">A fault of a whole store: nothing can be said of single commands.</exception>
    public static async Task ApplyAsync(
        IReadOnlyList<CommandModel> commands, Func<IReadOnlyList<CommandModel>, Task> apply, Func<CommandModel, Exception, Task> giveUp)
    {
        if (commands.Count == 0)
        {
            return;
        }

        try
        {
            await apply(commands);
            return;
        }
        catch (Exception failure) when (!StoreFaults.IsStoreFault(failure))
        {
            if (commands.Count == 1)
            {
                await giveUp(commands[0], failure);
                return;
            }
        }

        var items = commands.GroupBy(command => command.Key).Select(group => group.ToList()).ToList();
        if (items.Count == 1)
        {
            foreach (var command in items[0])
            {
                await ApplyAsync([command], apply, giveUp);
            }

            return;
        }

        var half = items.Count / 2;
        await ApplyAsync([.. items.Take(half).SelectMany(item => item)], apply, giveUp);
        await ApplyAsync([.. items.Skip(half).SelectMany(item => item)], apply, giveUp);
    }
}
