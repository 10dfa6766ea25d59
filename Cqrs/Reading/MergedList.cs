using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Sessions;

namespace Cqrs.Reading;

/// <summary>
/// Lists items with the user's own writes merged in. Only writes that may be on the page are read, so a user with thousands of recent writes does not pay for
/// all of them.
/// </summary>
internal sealed class MergedList(DataService data, SessionStore sessions, CommandStore commands, TimeProvider time)
{
    private const int MaxReach = 1000;

    private static readonly Comparer<string> Ascending = Comparer<string>.Create(Keys.CompareSk);
    private static readonly Comparer<string> Descending = Comparer<string>.Create((left, right) => Keys.CompareSk(right, left));

    public async Task<DataPage> ReadAsync(string pk, ListPage page, UserContext user, CancellationToken cancellationToken)
    {
        page = page with { IsConsistent = true };
        // Rows and session entries are read at the same time. Usually the rows show the user's writes already.
        var started = time.GetTimestamp();
        var reading = data.ListAsync(pk, page, cancellationToken);
        var written = await sessions.ListAsync(user, pk, cancellationToken);
        var isLate = time.GetElapsedTime(started) > SessionStore.Outlives;
        var rows = await reading;
        if (isLate)
        {
            // A write may have been applied, and its entry deleted, between the two reads. Then neither shows it.
            rows = await data.ListAsync(pk, page, cancellationToken);
        }

        var items = new List<DataModel>();
        for (var part = page; ;)
        {
            var (found, end, isCutShort) = await MergeAsync(rows, part, written, cancellationToken);
            items.AddRange(found);
            if (items.Count > page.Limit)
            {
                return new DataPage(items[..page.Limit], items[page.Limit - 1].Sk);
            }

            if (items.Count == page.Limit || end is null || (isCutShort && items.Count > 0))
            {
                return new DataPage(items, end);
            }

            // The user has deleted some of the rows, so more rows are needed. Where many are deleted, the next request asks for more.
            part = part with { StartFromSk = end, Limit = Math.Clamp(2 * part.Limit, part.Limit, Math.Max(page.Limit, MaxReach)) };
            rows = end == rows.LastSk
                ? await data.ListAsync(pk, part, cancellationToken)
                : rows with { Items = [.. rows.Items.Where(item => IsAfter(item.Sk, part))] };
        }
    }

    /// <summary>Returns the newest state of each item: of the row, the user's write, and the stored command.</summary>
    /// <returns>The items, the sort key up to which they are complete (null: to the end), and whether they end there because they are large.</returns>
    private async Task<(IReadOnlyList<DataModel> Items, string? End, bool IsCutShort)> MergeAsync(
        DataPage rows, ListPage part, List<KeyVersion> written, CancellationToken cancellationToken)
    {
        var order = OrderOf(part);
        var shown = rows.Items.ToDictionary(item => item.Key, item => item.Version);
        // The rows leave out deleted and expired items. They look like items that are not applied yet.
        var missing = written
            .Where(entry => IsAfter(entry.Key.Sk, part) && IsUpTo(entry.Key.Sk, rows.LastSk))
            .Where(entry => shown.GetValueOrDefault(entry.Key) < entry.Version)
            .OrderBy(entry => entry.Key.Sk, order)
            .Take(part.Limit + 1)
            .ToList();
        if (missing.Count == 0)
        {
            return (rows.Items, rows.LastSk, rows.IsCutShort);
        }

        var reading = commands.GetSomeAsync(missing, cancellationToken);
        // The write, or a newer version of another user, may have been applied since. A newer version is never hidden.
        var unshown = missing.Select(entry => entry.Key).Where(key => !shown.ContainsKey(key)).ToList();
        var (stored, storedRead) = await data.GetSomeAsync(unshown, cancellationToken);
        var (own, ownRead) = await reading;
        // The list is complete up to this sort key.
        var ends = new[]
        {
            rows.LastSk,
            missing.Count > part.Limit ? missing[^1].Key.Sk : null,
            ownRead < missing.Count ? missing[ownRead - 1].Key.Sk : null,
            storedRead < unshown.Count ? unshown[storedRead - 1].Sk : null,
        };
        var end = ends.Where(sk => sk is not null).Min(order!);
        var isCutShort = rows.IsCutShort || ownRead < missing.Count || storedRead < unshown.Count;
        var now = time.GetUtcNow();
        var newest = rows.Items.Concat(stored).Concat(own.Select(command => command.ToData()))
            .GroupBy(item => item.Key, (_, versions) => versions.MaxBy(item => item.Version)!)
            .Where(item => IsUpTo(item.Sk, end) && (part.IncludeDeleted || !item.IsDeleted) && (part.IncludeExpired || !item.IsExpired(now)))
            .OrderBy(item => item.Sk, order)
            .ToList();
        return (newest, end, isCutShort);

        bool IsUpTo(string sk, string? last) => last is null || order.Compare(sk, last) <= 0;
    }

    private static bool IsAfter(string sk, ListPage part) => part.StartFromSk is not { } start || OrderOf(part).Compare(sk, start) > 0;

    private static Comparer<string> OrderOf(ListPage page) => page.IsDescending ? Descending : Ascending;
}
