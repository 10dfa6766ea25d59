using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cqrs.Items;
using Cqrs.Projection;

namespace StackTests.Support;

/// <summary>
/// A target in memory that keeps the rules of a handler, writes down what it is handed, and fails when a test tells it to.
/// </summary>
internal sealed class RecordingHandler(string name = "recording") : IDataSyncHandler
{
    private readonly ConcurrentQueue<CommandModel> _handed = new();

    public string Name => name;

    /// <summary>What the target has.</summary>
    public ConcurrentDictionary<ItemKey, CommandModel> Rows { get; } = new();

    /// <summary>Everything that was handed over, in order.</summary>
    public IReadOnlyList<CommandModel> Handed => [.. _handed];

    /// <summary>Is asked before anything is applied; what it returns is thrown.</summary>
    public Func<CommandModel, Exception?>? Fails { get; set; }

    public Task UpAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        if (commands.Select(command => Fails?.Invoke(command)).FirstOrDefault(failure => failure is not null) is { } failure)
        {
            throw failure;
        }

        foreach (var command in commands)
        {
            _handed.Enqueue(command);
            Rows.AddOrUpdate(command.Key, command, (_, row) => row.Version < command.Version ? command : row);
        }

        return Task.CompletedTask;
    }

    public Task ResyncAsync(IReadOnlyList<DataModel> items, CancellationToken cancellationToken)
    {
        foreach (var item in items)
        {
            Rows.AddOrUpdate(item.Key, item.ToCommand(), (_, row) => row.Version <= item.Version ? item.ToCommand() : row);
        }

        return Task.CompletedTask;
    }

    public Task DownAsync(IReadOnlyList<KeyVersion> items, CancellationToken cancellationToken)
    {
        foreach (var (key, version) in items)
        {
            if (Rows.TryGetValue(key, out var row) && row.Version == version)
            {
                Rows.TryRemove(new(key, row));
            }
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyDictionary<ItemKey, long>> GetAppliedVersionsAsync(
        IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<ItemKey, long>>(
            Rows.Where(row => keys.Contains(row.Key)).ToDictionary(row => row.Key, row => row.Value.Version));

    public async IAsyncEnumerable<KeyVersion> ListAsync(string pk, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var (key, row) in Rows.Where(row => row.Key.Pk == pk).OrderBy(row => row.Key.Sk, Comparer<string>.Create(Keys.CompareSk)))
        {
            yield return new KeyVersion(key, row.Version);
        }
    }
}
