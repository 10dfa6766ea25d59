using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Publishing;
using Cqrs.Reading;

namespace Cqrs;

/// <summary>
/// Reads that show a user's own writes at once, whatever the worker's lag: what the read model has, overlaid with the commands that the
/// user has published lately and that it does not have yet. An item costs one round trip if there are none. Reads of data are strongly
/// consistent: what was published synchronously, or was seen applied, is remembered nowhere else.
/// </summary>
public sealed class Repository
{
    private readonly IAmazonDynamoDB _dynamoDb;
    private readonly DataService _data;
    private readonly SessionStore _sessions;
    private readonly CommandStore _commands;
    private readonly TimeProvider _time;

    internal Repository(IAmazonDynamoDB dynamoDb, DataService data, SessionStore sessions, CommandStore commands, TimeProvider time)
    {
        _dynamoDb = dynamoDb;
        _data = data;
        _sessions = sessions;
        _commands = commands;
        _time = time;
    }

    /// <summary>The newest state of an item that the user may see, or null. Softly deleted items are returned too.</summary>
    public async Task<DataModel?> GetAsync(ItemKey key, UserContext user, CancellationToken cancellationToken = default)
    {
        var (stored, written) = await ReadBothAsync(key, user, cancellationToken);
        if (written > (stored?.Version ?? 0) && await _commands.GetAsync(key, written.Value, cancellationToken) is { } own)
        {
            stored = own.ToData();
        }

        return stored is null || stored.IsExpired(_time.GetUtcNow()) ? null : stored;
    }

    /// <summary>A page of the items under a partition key in sort key order, the user's own writes merged in.</summary>
    public async Task<DataPage> ListAsync(string pk, ListPage page, UserContext user, CancellationToken cancellationToken = default)
    {
        page = page with { IsConsistent = true };
        // The page is read beside the entries, not after them: mostly it shows already what the user has written.
        var reading = _data.ListAsync(pk, page, cancellationToken);
        var entries = await _sessions.ListAsync(user, pk, cancellationToken);
        entries.RemoveAll(entry => !IsAfter(entry.Key.Sk, page));
        var first = await reading;
        if (Shows(first, page, entries))
        {
            return first;
        }

        var applied = await _data.GetVersionsAsync(entries.Select(entry => entry.Key), cancellationToken);
        var own = await ReadPendingAsync(entries, applied, cancellationToken);
        var now = _time.GetUtcNow();

        // Enough rows to fill the page even if every pending item replaces one of them.
        var stored = await _data.ListAsync(pk, page with { Limit = page.Limit + 1 + own.Count }, cancellationToken);
        // Somebody else's newer version may have been applied between the two reads: it is never overridden.
        foreach (var newer in stored.Items.Where(item => own.TryGetValue(item.Key, out var mine) && mine.Version <= item.Version))
        {
            own.Remove(newer.Key);
        }

        var merged = stored.Items
            .Where(item => !own.ContainsKey(item.Key))
            .Concat(own.Values
                .Select(command => command.ToData())
                .Where(item => IsAfter(item.Sk, page) && (page.IncludeDeleted || !item.IsDeleted) && !item.IsExpired(now)))
            .ToList();
        merged.Sort((left, right) => page.IsDescending ? Keys.CompareSk(right.Sk, left.Sk) : Keys.CompareSk(left.Sk, right.Sk));
        return merged.Count > page.Limit
            ? new DataPage(merged[..page.Limit], merged[page.Limit - 1].Sk)
            : new DataPage(merged, null);
    }

    /// <summary>
    /// The user's writes that a target does not show yet, for a query to lay over what it finds. Entries that it and the data table show are
    /// deleted beside it, a few each time.
    /// </summary>
    /// <param name="pk">The partition key.</param>
    /// <param name="user">The user.</param>
    /// <param name="getAppliedVersions">Which versions the target has.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <returns>The pending commands by item; empty in the usual case.</returns>
    public async Task<IReadOnlyDictionary<ItemKey, CommandModel>> GetPendingAsync(
        string pk,
        UserContext user,
        Func<IReadOnlyCollection<ItemKey>, CancellationToken, Task<IReadOnlyDictionary<ItemKey, long>>> getAppliedVersions,
        CancellationToken cancellationToken = default)
    {
        var entries = await _sessions.ListAsync(user, pk, cancellationToken);
        if (entries.Count == 0)
        {
            return new Dictionary<ItemKey, CommandModel>();
        }

        var keys = entries.Select(entry => entry.Key).ToList();
        var inTarget = await getAppliedVersions(keys, cancellationToken);
        _sessions.ForgetSome(user, entries.Where(entry => inTarget.GetValueOrDefault(entry.Key) >= entry.Version), _data);
        return await ReadPendingAsync(entries, inTarget, cancellationToken);
    }

    // The item and what the user has written of it, in one round trip.
    private async Task<(DataModel? Stored, long? Written)> ReadBothAsync(ItemKey key, UserContext user, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, Dictionary<string, AttributeValue>>();
        var rest = new Dictionary<string, KeysAndAttributes>
        {
            [_data.Table] = new() { Keys = [ItemFormat.ToKey(key.Pk, key.Sk)], ConsistentRead = true },
            [_sessions.Table] = new() { Keys = [_sessions.Key(user, key)], ConsistentRead = true },
        };
        for (var attempt = 0; rest is { Count: > 0 }; attempt++)
        {
            if (attempt > 0)
            {
                await Task.Delay(Backoff.Delay(attempt), cancellationToken);
            }

            var response = await _dynamoDb.BatchGetItemAsync(new BatchGetItemRequest { RequestItems = rest }, cancellationToken);
            foreach (var (table, items) in response.Responses.Where(answer => answer.Value.Count > 0))
            {
                found[table] = items[0];
            }

            rest = response.UnprocessedKeys;
        }

        return (
            found.TryGetValue(_data.Table, out var item) ? ItemFormat.ToData(item) : null,
            _sessions.LiveVersion(found.GetValueOrDefault(_sessions.Table)));
    }

    private async Task<Dictionary<ItemKey, CommandModel>> ReadPendingAsync(
        List<KeyVersion> entries, IReadOnlyDictionary<ItemKey, long> applied, CancellationToken cancellationToken)
    {
        var pending = entries.Where(entry => entry.Version > applied.GetValueOrDefault(entry.Key)).ToList();
        var commands = pending.Count == 0 ? [] : await _commands.GetAsync(pending, cancellationToken);
        return commands.ToDictionary(command => command.Key);
    }

    // Whether a page has every entry up to its end. What it leaves out, deleted or expired, it does not tell from what is not applied yet.
    private static bool Shows(DataPage found, ListPage page, List<KeyVersion> entries)
    {
        if (entries.Count == 0)
        {
            return true;
        }

        var versions = found.Items.ToDictionary(item => item.Key, item => item.Version);
        return entries.All(entry =>
            versions.GetValueOrDefault(entry.Key) >= entry.Version
            || (found.LastSk is { } last && IsAfter(entry.Key.Sk, page with { StartFromSk = last })));
    }

    private static bool IsAfter(string sk, ListPage page) =>
        page.StartFromSk is not { } start || (page.IsDescending ? Keys.CompareSk(sk, start) < 0 : Keys.CompareSk(sk, start) > 0);
}
