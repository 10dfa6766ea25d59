using Cqrs.AspNetCore.Items;
using Cqrs.Items;

namespace Cqrs.AspNetCore.Files;

/// <summary>
/// Rows whose code another item has for now: a later row of the file may free it. The rows of one item stay in the order of the file, so once one of
/// them waits, the later ones wait behind it.
/// </summary>
internal sealed class ContestedRows<TRequest>
    where TRequest : ItemRequest
{
    private const int MaxRows = 20_000;
    private const long MaxBytes = 32 * 1024 * 1024;

    private readonly Dictionary<ItemKey, Queue<ImportedRow<TRequest>>> _rows = [];
    private long _bytes;

    public int Count { get; private set; }

    /// <summary>Gets the first waiting row of each item.</summary>
    public IReadOnlyList<ImportedRow<TRequest>> First => [.. _rows.Values.Select(rows => rows.Peek())];

    public bool Has(ItemKey key) => _rows.ContainsKey(key);

    /// <summary>Adds a row; returns false if no more rows can wait.</summary>
    public bool TryAdd(ImportedRow<TRequest> row)
    {
        var bytes = row.Row.Size;
        if (Count == MaxRows || _bytes + bytes > MaxBytes)
        {
            return false;
        }

        if (!_rows.TryGetValue(row.Key, out var rows))
        {
            _rows[row.Key] = rows = [];
        }

        rows.Enqueue(row);
        (Count, _bytes) = (Count + 1, _bytes + bytes);
        return true;
    }

    /// <summary>Removes the first row of an item, and returns the one that waited behind it.</summary>
    public ImportedRow<TRequest>? Remove(ItemKey key)
    {
        var row = _rows[key].Dequeue();
        (Count, _bytes) = (Count - 1, _bytes - row.Row.Size);
        if (_rows[key].TryPeek(out var next))
        {
            return next;
        }

        _rows.Remove(key);
        return null;
    }
}
