using Cqrs.Items;
using Cqrs.Reading;

namespace Cqrs.AspNetCore.Files;

/// <summary>
/// The accepted commands of an import that the read models may not show yet. They are looked up in the order of the file, a batch at a time, and
/// forgotten once they are shown. If the worker is far behind, only the last command of an old batch is remembered, which stands for all of it.
/// </summary>
internal sealed class SyncingCommands(CommandStatusService status, TimeProvider time)
{
    private const int MaxRemembered = 50_000;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly LinkedList<Batch> _batches = new();
    private int _remembered;

    /// <summary>Gets how many commands the read models did not show when they were last looked at.</summary>
    public long Count => _batches.Sum(batch => (long)batch.Represented);

    /// <summary>Adds the accepted commands of a batch, in the order of the file.</summary>
    public void Add(IReadOnlyList<KeyVersion> commands)
    {
        if (commands.Count == 0)
        {
            return;
        }

        _batches.AddLast(new Batch(commands, commands.Count));
        _remembered += commands.Count;
        for (var batch = _batches.First; _remembered > MaxRemembered && batch is not null; batch = batch.Next)
        {
            _remembered -= batch.Value.Commands.Count - 1;
            batch.Value = batch.Value with { Commands = [batch.Value.Commands[^1]] };
        }
    }

    /// <summary>Forgets what the read models show, up to the first batch that they do not show whole.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        while (_batches.First is { } batch)
        {
            var pending = await status.FindPendingAsync(batch.Value.Commands, cancellationToken);
            _remembered -= batch.Value.Commands.Count - pending.Count;
            if (pending.Count > 0)
            {
                // One command that stands for all keeps standing for all.
                var represented = batch.Value.Represented == batch.Value.Commands.Count ? pending.Count : batch.Value.Represented;
                batch.Value = new Batch(pending, represented);
                return;
            }

            _batches.RemoveFirst();
        }
    }

    /// <summary>Waits until the read models show everything, and no longer than it may.</summary>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        await LookAsync(cancellationToken);
        while (_batches.Count > 0 && time.GetElapsedTime(started) < limit)
        {
            await Task.Delay(BetweenLooks, time, cancellationToken);
            await LookAsync(cancellationToken);
        }
    }

    private sealed record Batch(IReadOnlyList<KeyVersion> Commands, int Represented);
}
