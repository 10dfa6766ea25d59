using Cqrs.AspNetCore.Items;
using Cqrs.Items;
using Cqrs.Publishing;

namespace Cqrs.AspNetCore.Files;

/// <summary>
/// Publishes rows whose codes other items held, as those codes become free: each publish may free the code that the next row waits for. So a chain of
/// any length goes through, with one publish for each row.
/// </summary>
internal sealed class CodeSettlement<TRequest>(ContestedRows<TRequest> rows, CommandService commands, string pk)
    where TRequest : ItemRequest
{
    private const int MaxLinesNamed = 10;

    private readonly Dictionary<string, ItemKey> _holders = [];

    /// <summary>Goes on until nothing moves.</summary>
    public async Task RunAsync(ImportPublisher<TRequest> publisher, CancellationToken cancellationToken)
    {
        var waiting = rows.First.OrderBy(row => row.Row.Line).ToLookup(row => row.CodeWanted);
        foreach (var (code, holder) in await commands.FindByCodeAsync(pk, [.. waiting.Select(sameCode => sameCode.Key)], cancellationToken))
        {
            _holders[code] = holder;
        }

        // Several rows may want one code: the first in the file gets it.
        var free = new Queue<ImportedRow<TRequest>>(waiting
            .Select(sameCode => sameCode.FirstOrDefault(row => !_holders.TryGetValue(row.CodeWanted, out var holder) || holder == row.Key))
            .OfType<ImportedRow<TRequest>>());
        while (free.TryDequeue(out var row))
        {
            var before = await commands.GetNewestAsync(row.Key, cancellationToken);
            var result = await publisher.PublishAsync(row, before, cancellationToken);
            publisher.Report(row, result);
            if (rows.Remove(row.Key) is { } behind && (!_holders.TryGetValue(behind.CodeWanted, out var other) || other == behind.Key))
            {
                free.Enqueue(behind);
            }

            if (result is PublishResult.Accepted(var command))
            {
                _holders[command.Code] = row.Key;
                if (before is not null && before.Code != command.Code)
                {
                    _holders.Remove(before.Code);
                    if (waiting[before.Code].FirstOrDefault(next => next.Key != row.Key && rows.Has(next.Key)) is { } next)
                    {
                        free.Enqueue(next);
                    }
                }
            }
        }
    }

    /// <summary>Takes out all rows that still wait, with why they cannot be imported.</summary>
    public IEnumerable<(ImportedRow<TRequest> Row, string Reason)> Refuse()
    {
        while (rows.Count > 0)
        {
            var waiting = rows.First.ToDictionary(row => row.Key);
            var rings = FindRings(waiting);
            foreach (var row in waiting.Values.OrderBy(row => row.Row.Line))
            {
                rows.Remove(row.Key);
                yield return (row, rings.TryGetValue(row.Key, out var lines)
                    ? $"the items of the lines {lines} exchange their codes, which one import cannot do: give one of them another code first"
                    : $"another item of the tenant has the code {row.CodeWanted}");
            }
        }
    }

    /// <summary>Returns the items that wait for each other in a ring, each with the lines of its ring.</summary>
    private Dictionary<ItemKey, string> FindRings(Dictionary<ItemKey, ImportedRow<TRequest>> waiting)
    {
        var rings = new Dictionary<ItemKey, string>();
        var seen = new HashSet<ItemKey>();
        foreach (var start in waiting.Keys)
        {
            var path = new List<ItemKey>();
            var key = start;
            while (waiting.TryGetValue(key, out var row) && seen.Add(key))
            {
                path.Add(key);
                key = _holders.GetValueOrDefault(row.CodeWanted);
            }

            if (path.IndexOf(key) is >= 0 and var from)
            {
                var ring = path[from..];
                var lines = ring.Select(item => waiting[item].Row.Line).Order().ToList();
                var text = string.Join(", ", lines.Take(MaxLinesNamed)) + (lines.Count > MaxLinesNamed ? ", …" : "");
                ring.ForEach(item => rings[item] = text);
            }
        }

        return rings;
    }
}
