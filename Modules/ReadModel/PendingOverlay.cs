using Cqrs;
using Microsoft.EntityFrameworkCore;
using Modules.Http;

namespace Modules.ReadModel;

/// <summary>
/// The user's own pending writes, as they lie over the rows that a search finds. Pending items that are not among the rows that match are shown
/// before them; those that are stay in their place with their new state, or leave the result if they no longer match.
/// </summary>
internal sealed class PendingOverlay
{
    private readonly string[] _hidden;
    private readonly IReadOnlyDictionary<string, CommandModel> _inPlace;

    private PendingOverlay(IReadOnlyList<CommandModel> leading, string[] hidden, IReadOnlyDictionary<string, CommandModel> inPlace) =>
        (Leading, _hidden, _inPlace) = (leading, hidden, inPlace);

    /// <summary>What to show before all rows.</summary>
    public IReadOnlyList<CommandModel> Leading { get; }

    /// <param name="search">The search.</param>
    /// <param name="visible">The rows that the user may see, before the search filters them.</param>
    /// <param name="pending">The user's pending writes.</param>
    /// <param name="now">What has expired by now is not shown.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    public static async Task<PendingOverlay> ReadAsync<TRow, TSearch>(
        TSearch search,
        IQueryable<TRow> visible,
        IReadOnlyDictionary<ItemKey, CommandModel> pending,
        DateTimeOffset now,
        CancellationToken cancellationToken)
        where TRow : ReadModelRow
        where TSearch : ISearch<TRow, TSearch>
    {
        if (pending.Count == 0)
        {
            return new PendingOverlay([], [], new Dictionary<string, CommandModel>());
        }

        var ids = pending.Values.Select(command => command.Id).ToArray();
        var found = (await search.Filter(visible).Where(row => ids.Contains(row.Id)).Select(row => row.Id).ToListAsync(cancellationToken)).ToHashSet();
        var matches = pending.Values.ToLookup(command => !command.IsExpired(now) && search.Matches(command));
        var inPlace = matches[true].Where(command => found.Contains(command.Id)).ToDictionary(command => command.Id);
        return new PendingOverlay(
            [.. matches[true].Where(command => !found.Contains(command.Id)).OrderByDescending(command => command.UpdatedAt).ThenBy(command => command.Id)],
            [.. ids.Where(id => !inPlace.ContainsKey(id))],
            inPlace);
    }

    /// <summary>Takes out the rows that are shown elsewhere or no longer match.</summary>
    public IQueryable<TRow> Hide<TRow>(IQueryable<TRow> rows)
        where TRow : ReadModelRow =>
        _hidden.Length > 0 ? rows.Where(row => !_hidden.Contains(row.Id)) : rows;

    /// <summary>A row, or the newer state that the user has published in its place.</summary>
    public Entity Show<TRow>(TRow row, Func<TRow, Entity> toEntity)
        where TRow : ReadModelRow =>
        _inPlace.TryGetValue(row.Id, out var own) && own.Version > row.Version ? Entity.From(own) : toEntity(row);
}
