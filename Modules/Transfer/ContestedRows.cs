using Cqrs;
using Modules.Http;

namespace Modules.Transfer;

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
    private int _count;
    private long _bytes;

    public bool IsEmpty => _rows.Count == 0;

    /// <summary>Gets the first waiting row of each item.</summary>
    public IReadOnlyList<ImportedRow<TRequest>> First => [.. _rows.Values.Select(rows => rows.Peek())];

    public bool Has(ItemKey key) => _rows.ContainsKey(key);

    /// <summary>Adds a row; returns false if no more rows can wait.</summary>
    public bool TryAdd(ImportedRow<TRequest> row)
    {
        var bytes = row.Row.Size;
        if (_count == MaxRows || _bytes + bytes > MaxBytes)
        {
            return false;
        }

        if (!_rows.TryGetValue(row.Key, out var rows))
        {
            _rows[row.Key] = rows = [];
        }

        rows.Enqueue(row);
        (_count, _bytes) = (_count + 1, _bytes + bytes);
        return true;
    }

    /// <summary>Removes the first row of an item.</summary>
    public void Remove(ItemKey key)
    {
        var row = _rows[key].Dequeue();
        (_count, _bytes) = (_count - 1, _bytes - row.Row.Size);
        if (_rows[key].Count == 0)
        {
            _rows.Remove(key);
        }
    }
}
