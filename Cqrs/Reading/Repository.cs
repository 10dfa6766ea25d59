using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Sessions;

namespace Cqrs.Reading;

/// <summary>
/// Reads items so that users see their own writes at once, whatever the lag of the worker. The recent commands of the user that the read model does not have
/// yet are laid over it. Without such commands an item costs one round trip. Reads of the data table are strongly consistent, because synchronous writes and
/// applied writes have no session entry.
/// </summary>
public sealed class Repository
{
    private readonly IAmazonDynamoDB _dynamoDb;
    private readonly DataService _data;
    private readonly SessionStore _sessions;
    private readonly CommandStore _commands;
    private readonly MergedList _list;
    private readonly TimeProvider _time;

    internal Repository(IAmazonDynamoDB dynamoDb, DataService data, SessionStore sessions, CommandStore commands, TimeProvider time)
    {
        _dynamoDb = dynamoDb;
        _data = data;
        _sessions = sessions;
        _commands = commands;
        _list = new MergedList(data, sessions, commands, time);
        _time = time;
    }

    /// <summary>Returns the newest state of an item that the user may see, or null. Softly deleted items are returned too.</summary>
    public async Task<DataModel?> GetAsync(ItemKey key, UserContext user, CancellationToken cancellationToken = default)
    {
        var (stored, written) = await ReadBothAsync(key, user, cancellationToken);
        if (written > (stored?.Version ?? 0) && await _commands.GetAsync(key, written.Value, cancellationToken) is { } own)
        {
            stored = own.ToData();
        }

        return stored is null || stored.IsExpired(_time.GetUtcNow()) ? null : stored;
    }

    /// <summary>Returns a page of the items under a partition key in sort key order, the user's own writes merged in.</summary>
    /// <remarks>The next page may be empty if the user has just deleted all remaining items.</remarks>
    public Task<DataPage> ListAsync(string pk, ListPage page, UserContext user, CancellationToken cancellationToken = default) =>
        _list.ReadAsync(pk, page, user, cancellationToken);

    /// <summary>
    /// Returns the user's writes that a target does not show yet. A query lays them over its rows. Session entries of writes that the target and the data
    /// table show are deleted at the same time, a few on each call.
    /// </summary>
    /// <param name="pk">The partition key.</param>
    /// <param name="user">The user.</param>
    /// <param name="getAppliedVersions">Which versions the target has.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <returns>The versions of the writes; usually none. <see cref="ReadAsync"/> reads them.</returns>
    public async Task<IReadOnlyList<KeyVersion>> GetPendingAsync(
        string pk,
        UserContext user,
        Func<IReadOnlyCollection<ItemKey>, CancellationToken, Task<IReadOnlyDictionary<ItemKey, long>>> getAppliedVersions,
        CancellationToken cancellationToken = default)
    {
        var entries = await _sessions.ListAsync(user, pk, cancellationToken);
        if (entries.Count == 0)
        {
            return [];
        }

        var inTarget = await getAppliedVersions([.. entries.Select(entry => entry.Key)], cancellationToken);
        var isPending = entries.ToLookup(entry => entry.Version > inTarget.GetValueOrDefault(entry.Key));
        _sessions.ForgetSome(user, isPending[false], _data);
        return [.. isPending[true]];
    }

    /// <summary>Reads commands in lots, so that memory stays bounded. Commands that do not exist any more are left out.</summary>
    public async IAsyncEnumerable<IReadOnlyList<CommandModel>> ReadAsync(
        IEnumerable<KeyVersion> versions, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (List<KeyVersion> rest = [.. versions]; rest.Count > 0;)
        {
            var (commands, read) = await _commands.GetSomeAsync(rest, cancellationToken);
            yield return commands;
            rest = rest[read..];
        }
    }

    // Reads the item and the session entry of the user in one round trip.
    private async Task<(DataModel? Stored, long? Written)> ReadBothAsync(ItemKey key, UserContext user, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, Dictionary<string, AttributeValue>>();
        var both = new Dictionary<string, KeysAndAttributes>
        {
            [_data.Table] = new() { Keys = [ItemFormat.ToKey(key.Pk, key.Sk)], ConsistentRead = true },
            [_sessions.Table] = new() { Keys = [_sessions.Key(user, key)], ConsistentRead = true },
        };
        var rounds = new BatchRounds();
        for (var rest = both; ; await rounds.WaitAsync(cancellationToken))
        {
            var response = await _dynamoDb.BatchGetItemAsync(new BatchGetItemRequest { RequestItems = rest }, cancellationToken);
            foreach (var (table, items) in response.Responses.Where(answer => answer.Value.Count > 0))
            {
                found[table] = items[0];
            }

            if (response.UnprocessedKeys is not { Count: > 0 } left)
            {
                return (
                    found.TryGetValue(_data.Table, out var item) ? ItemFormat.ToData(item) : null,
                    _sessions.LiveVersion(found.GetValueOrDefault(_sessions.Table)));
            }

            // If the entry is read long after the row, it may be deleted by then, because the row was written meanwhile.
            rest = left.ContainsKey(_sessions.Table) ? both : left;
        }
    }
}
