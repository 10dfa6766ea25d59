using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Product.Web.Api;

namespace Product.Web.Products.Live;

/// <summary>
/// The writes of this front end that the read model does not have yet. They outlive the circuit of their user, so that a reload keeps the marks; and
/// others who see the product see that a change of it is on its way.
/// </summary>
public sealed class SyncMarkStore(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    // How long the answer to a write may take longer than its event.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, SyncMark> marks = new();

    // The worker is often done before the answer to the write is here: the event comes before the mark.
    private readonly MemoryCache ended = new(new MemoryCacheOptions { SizeLimit = 10_000 });

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

        // Looked up after the mark is there, as the event is kept before a mark is looked for: neither misses the other.
        if (ended.Get<CommandEvent>(written.Id) is { } before)
        {
            Settle(written.Id, before);
        }

        Changed?.Invoke(written.Pk);
    }

    /// <summary>A command came to its end.</summary>
    public void Apply(CommandEvent told)
    {
        var id = $"{told.Pk}#{told.Sk}";
        if (!(ended.Get<CommandEvent>(id)?.Version > told.Version))
        {
            ended.Set(id, told, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = AnswerTimeout, Size = 1 });
        }

        if (Settle(id, told))
        {
            Changed?.Invoke(told.Pk);
        }
    }

    public void Dispose() => ended.Dispose();

    private bool Settle(string id, CommandEvent told) =>
        marks.TryGetValue(id, out var mark) && told.Version >= mark.Version
        && (told.IsFinished
            ? marks.TryRemove(new(id, mark))
            : marks.TryUpdate(id, mark with { Failure = told.Reason ?? "unknown" }, mark));
}

/// <summary>That the read model lacks a version of a product. <paramref name="Failure"/>: why it will not have it before somebody helps.</summary>
public sealed record SyncMark(string Pk, string Sk, long Version, DateTimeOffset Since, string? Failure = null);
