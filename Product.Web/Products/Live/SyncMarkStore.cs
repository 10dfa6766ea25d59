using System.Collections.Concurrent;
using Product.Web.Api;

namespace Product.Web.Products.Live;

/// <summary>
/// What was written here that the read model does not have yet. Outlives the circuit of who wrote it, so that a reload keeps the marks; and
/// others who see the product see that a change of it is on its way.
/// </summary>
public sealed class SyncMarkStore(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<string, SyncMark> marks = new();

    /// <summary>A mark came, changed or went, of a product with this partition key.</summary>
    public event Action<string>? Changed;

    public SyncMark? Of(ProductEntity shown) => marks.GetValueOrDefault(shown.Id);

    public IEnumerable<SyncMark> Of(string pk) => marks.Values.Where(mark => mark.Pk == pk);

    public void Add(ProductEntity written)
    {
        var mark = new SyncMark(written.Pk, written.Sk, written.Version, time.GetUtcNow());
        marks.AddOrUpdate(written.Id, mark, (_, old) => old.Version > written.Version ? old : mark);
        foreach (var forgotten in marks.Where(one => mark.Since - one.Value.Since > Lifetime))
        {
            marks.TryRemove(forgotten);
        }

        Changed?.Invoke(written.Pk);
    }

    /// <summary>A command came to its end.</summary>
    public void Apply(CommandEvent ended)
    {
        var id = $"{ended.Pk}#{ended.Sk}";
        if (!marks.TryGetValue(id, out var mark) || ended.Version < mark.Version)
        {
            return;
        }

        var isChanged = ended.IsFinished
            ? marks.TryRemove(new(id, mark))
            : marks.TryUpdate(id, mark with { Failure = ended.Reason ?? "unknown" }, mark);
        if (isChanged)
        {
            Changed?.Invoke(ended.Pk);
        }
    }
}

/// <summary>That the read model lacks a version of a product. <paramref name="Failure"/>: why it will not have it before somebody helps.</summary>
public sealed record SyncMark(string Pk, string Sk, long Version, DateTimeOffset Since, string? Failure = null);
