using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cqrs.Hosting;
using Cqrs.Items;
using Cqrs.Postgres.Hosting;
using Cqrs.Projection;
using Cqrs.Tables;
using Products;

namespace FaultTests.Support;

/// <summary>A handler whose target is in memory; it remembers what it was handed, and fails as it is told.</summary>
internal sealed class MemoryHandler(string name) : IDataSyncHandler
{
    private readonly ConcurrentDictionary<ItemKey, CommandModel> _rows = new();
    private readonly ConcurrentQueue<KeyVersion> _handed = new();
    private readonly ConcurrentQueue<KeyVersion> _done = new();

    public string Name => name;

    /// <summary>Which commands it fails on, and how; null: none.</summary>
    public Func<CommandModel, Exception?>? Fails { get; set; }

    /// <summary>How it fails to take items down; null: it does not.</summary>
    public Exception? FailsDown { get; set; }

    /// <summary>Is waited for before rows are written in a resync.</summary>
    public Func<IReadOnlyList<DataModel>, CancellationToken, Task>? BeforeResync { get; set; }

    /// <summary>What it knows of its own exceptions; nothing if null.</summary>
    public Func<Exception, FaultOrigin>? Knows { get; set; }

    /// <summary>Is waited for before commands are applied.</summary>
    public Func<CancellationToken, Task>? BeforeUp { get; set; }

    public IReadOnlyDictionary<ItemKey, CommandModel> Rows => _rows;

    /// <summary>Every command it was handed, whether or not it failed.</summary>
    public IReadOnlyList<KeyVersion> Handed => [.. _handed];

    /// <summary>Every command it has not failed on.</summary>
    public IReadOnlyList<KeyVersion> Done => [.. _done];

    /// <summary>How many commands it was handed in one call, at most.</summary>
    public int MostAtOnce { get; private set; }

    public static Action<Microsoft.AspNetCore.Builder.WebApplicationBuilder> Module(string module, params MemoryHandler[] handlers) => builder =>
    {
        builder.AddCqrs();
        builder.AddReadModel<ProductsContext>("productdb");
        builder.Services.AddCqrsModule(
            new CqrsModule(module, module.ToUpperInvariant()), handlers.Select(handler => (Func<IServiceProvider, IDataSyncHandler>)(_ => handler)));
    };

    public FaultOrigin OriginOf(Exception exception) => Knows?.Invoke(exception) ?? Cqrs.Projection.StoreFaults.OriginOf(exception);

    public async Task UpAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        await (BeforeUp?.Invoke(cancellationToken) ?? Task.CompletedTask);
        MostAtOnce = Math.Max(MostAtOnce, commands.Count);
        foreach (var command in commands)
        {
            _handed.Enqueue(new(command.Key, command.Version));
        }

        ThrowIfOneFails(commands);
        foreach (var command in commands)
        {
            _done.Enqueue(new(command.Key, command.Version));
            _rows.AddOrUpdate(command.Key, command, (_, known) => known.Version >= command.Version ? known : command);
        }
    }

    public async Task ResyncAsync(IReadOnlyList<DataModel> items, CancellationToken cancellationToken)
    {
        await (BeforeResync?.Invoke(items, cancellationToken) ?? Task.CompletedTask);
        ThrowIfOneFails(items.Select(item => item.ToCommand()));
        foreach (var item in items)
        {
            _rows.AddOrUpdate(item.Key, item.ToCommand(), (_, known) => known.Version > item.Version ? known : item.ToCommand());
        }
    }

    public Task DownAsync(IReadOnlyList<KeyVersion> items, CancellationToken cancellationToken)
    {
        if (FailsDown is not null)
        {
            throw FailsDown;
        }

        foreach (var (key, version) in items)
        {
            if (_rows.TryGetValue(key, out var row) && row.Version == version)
            {
                _rows.TryRemove(KeyValuePair.Create(key, row));
            }
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyDictionary<ItemKey, long>> GetAppliedVersionsAsync(IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<ItemKey, long>>(
            _rows.Where(row => keys.Contains(row.Key)).ToDictionary(row => row.Key, row => row.Value.Version));

    public async IAsyncEnumerable<KeyVersion> ListAsync(string pk, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var (key, row) in _rows.Where(row => row.Key.Pk == pk).OrderBy(row => row.Key.Sk, StringComparer.Ordinal))
        {
            yield return new KeyVersion(key, row.Version);
        }
    }

    private void ThrowIfOneFails(IEnumerable<CommandModel> commands)
    {
        if (commands.Select(command => Fails?.Invoke(command)).FirstOrDefault(failure => failure is not null) is { } failure)
        {
            throw failure;
        }
    }
}
