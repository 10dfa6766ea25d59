using Cqrs.Items;
using Cqrs.Postgres.Rows;

namespace Cqrs.Postgres.Search;

/// <summary>A write of the user's that the table does not show yet.</summary>
/// <param name="Version">Which.</param>
/// <param name="At">When it was written.</param>
/// <param name="Command">Its content; null if it is to be read again, because there are too many to hold them all.</param>
internal sealed record OwnWrite(KeyVersion Version, DateTimeOffset At, CommandModel? Command)
{
    public string Id => Version.Key.Id;
}

/// <summary>
/// The user's own pending writes, as they lie over the rows that a search finds. Pending items that are not among the rows that match are shown
/// before them; those that are stay in their place with their new state, or leave the result if they no longer match.
/// </summary>
internal sealed class PendingOverlay
{
    private readonly List<OwnWrite> _leading = [];
    private readonly Dictionary<string, OwnWrite> _inPlace = [];
    private readonly List<string> _hidden = [];
    private bool _holdsContents;

    /// <summary>Gets the items to show before all rows.</summary>
    public IReadOnlyList<OwnWrite> Leading => [.. _leading.OrderByDescending(own => own.At).ThenBy(own => own.Id, StringComparer.Ordinal)];

    /// <summary>Lays some pending writes over the rows. The contents of the first ones are kept: mostly that is all of them.</summary>
    /// <param name="commands">The writes.</param>
    /// <param name="matching">The ids of those that the search finds.</param>
    /// <param name="shown">The ids of those whose rows, as they are now, the search finds.</param>
    public void Add(IEnumerable<CommandModel> commands, IReadOnlySet<string> matching, IReadOnlySet<string> shown)
    {
        foreach (var command in commands)
        {
            var own = new OwnWrite(new(command.Key, command.Version), command.UpdatedAt, _holdsContents ? null : command);
            if (matching.Contains(own.Id) && shown.Contains(own.Id))
            {
                _inPlace[own.Id] = own;
                continue;
            }

            _hidden.Add(own.Id);
            if (matching.Contains(own.Id))
            {
                _leading.Add(own);
            }
        }

        _holdsContents = true;
    }

    /// <summary>Takes out the rows that are shown elsewhere or no longer match.</summary>
    public IQueryable<TRow> Hide<TRow>(IQueryable<TRow> rows)
        where TRow : ReadModelRow =>
        _hidden.Count > 0 ? rows.Where(row => !_hidden.Contains(row.Id)) : rows;

    /// <summary>Returns the newer state that the user has published in a row's place; null if there is none.</summary>
    public OwnWrite? InPlaceOf(ReadModelRow row) => _inPlace.TryGetValue(row.Id, out var own) && own.Version.Version > row.Version ? own : null;
}
