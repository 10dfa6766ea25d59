using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.Publishing;

/// <summary>The current state of an item, which a publish builds on.</summary>
/// <param name="Newest">The newest state; null if the item does not exist.</param>
/// <param name="IsCertain">Whether it is known that there is no newer one; else the conditional write will tell.</param>
/// <param name="DataVersion">The version of the data row; 0 if there is none; null if it was not read.</param>
internal sealed record CurrentState(ItemModel? Newest, bool IsCertain, long? DataVersion = null)
{
    /// <summary>Gets the newest state, if it is a command that is not known to be in the data table.</summary>
    public CommandModel? Pending => Newest is CommandModel command && !(DataVersion >= command.Version) ? command : null;
}

/// <summary>Finds the current state of items. In the usual case this takes one round trip.</summary>
internal sealed class CurrentStates(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, CommandStore commands, DataService dataService)
{
    private const int MaxRounds = 4;

    private readonly Tombstones _purged = new(dynamoDb, tables, module);

    /// <summary>Returns the state of a version that the caller has seen; null if it does not exist. It may be outdated.</summary>
    /// <exception cref="UnreadableItemException">Another program has written an item that is not a command.</exception>
    public async Task<CurrentState?> AtAsync(ItemKey key, long version, CancellationToken cancellationToken) =>
        await commands.ReadAsync(key, version, cancellationToken) is { } state ? new CurrentState(state, IsCertain: false) : null;

    /// <summary>Returns the state of a version that the caller has seen, if it is certainly the newest; else null.</summary>
    /// <param name="key">The item.</param>
    /// <param name="version">The version, 1 or above.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    public async Task<CurrentState?> NewestAtAsync(ItemKey key, long version, CancellationToken cancellationToken)
    {
        if (version == long.MaxValue)
        {
            return null;
        }

        var request = new BatchGetItemRequest
        {
            RequestItems = new()
            {
                [tables.Command(module)] = new KeysAndAttributes
                {
                    Keys = [ItemFormat.ToKey(key.Pk, key.VersionSk(version)), ItemFormat.ToKey(key.Pk, key.VersionSk(version + 1))],
                    ConsistentRead = true,
                },
                [tables.Data(module)] = new KeysAndAttributes
                {
                    Keys = [ItemFormat.ToKey(key.Pk, key.Sk)],
                    ConsistentRead = true,
                    ProjectionExpression = "version",
                },
            },
        };
        var response = await ReadAllAsync(request, cancellationToken);
        var found = response[tables.Command(module)].Select(ItemFormat.ToCommand).ToList();
        var data = response[tables.Data(module)].SingleOrDefault();
        return found is [var newest] && newest.Version == version
            ? new CurrentState(newest, IsCertain: true, data is null ? 0 : ItemFormat.VersionOf(data) ?? 0)
            : null;
    }

    /// <summary>
    /// Returns the state of the data row. It may be outdated. Versions have no gaps, so a put of the next version that succeeds proves that it was the
    /// newest.
    /// </summary>
    public async Task<CurrentState> FromDataAsync(ItemKey key, CancellationToken cancellationToken)
    {
        var data = await GetDataAsync(key, cancellationToken);
        return new CurrentState(data, IsCertain: false, data?.Version ?? 0);
    }

    /// <summary>Returns the state that is certainly the newest. The search begins at the version of the data row.</summary>
    /// <param name="key">The item.</param>
    /// <param name="atLeast">A version that is known to exist, or 0.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public async Task<CurrentState> NewestAsync(ItemKey key, long atLeast, CancellationToken cancellationToken)
    {
        var data = await GetDataAsync(key, cancellationToken);
        var known = data?.Version ?? 0;
        // The search begins one version lower, so that it returns the known version too.
        var above = await commands.FindNewestAboveAsync(key, Math.Max(known, atLeast - 1), cancellationToken);
        return new CurrentState((ItemModel?)above ?? data, IsCertain: true, known);
    }

    /// <summary>
    /// Returns the states of many items that are certainly the newest, by batch reads. It begins with the data rows, and reads the next version of all items
    /// until no item has a next version.
    /// </summary>
    /// <returns>The items that exist; expired ones too.</returns>
    public async Task<IReadOnlyDictionary<ItemKey, ItemModel>> NewestAsync(
        IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken)
    {
        var finding = _purged.FindAsync(keys, cancellationToken);
        // One row that another program has written must not keep the others from being found: its item has its commands.
        var rows = await dataService.GetAsync(keys, cancellationToken);
        var purged = await finding;
        var newest = rows.ToDictionary(row => row.Key, row => (ItemModel)row);
        foreach (var key in purged.Where(newest.ContainsKey))
        {
            if (!await IsOfACommandAsync(newest[key], cancellationToken))
            {
                newest.Remove(key);
            }
        }

        IReadOnlyCollection<ItemKey> open = keys;
        for (var round = 0; open.Count > 0 && round < MaxRounds; round++)
        {
            var next = await commands.GetAsync(
                open.Select(key => new KeyVersion(key, (newest.GetValueOrDefault(key)?.Version ?? 0) + 1)), cancellationToken);
            foreach (var command in next)
            {
                newest[command.Key] = command;
            }

            open = [.. next.Select(command => command.Key)];
        }

        // These items are far ahead of their data rows. Each is searched by itself.
        foreach (var key in open)
        {
            newest[key] = (await NewestAsync(key, newest[key].Version, cancellationToken)).Newest ?? newest[key];
        }

        return newest;
    }

    // A late worker may have brought back the row of a purged item, until the purge is followed. A command that builds on this row would be purged with it.
    private async Task<DataModel?> GetDataAsync(ItemKey key, CancellationToken cancellationToken)
    {
        var (rows, memories) = (tables.Data(module), tables.Unique(module));
        var found = await ReadAllAsync(
            new BatchGetItemRequest
            {
                RequestItems = new()
                {
                    [rows] = new KeysAndAttributes { Keys = [ItemFormat.ToKey(key.Pk, key.Sk)], ConsistentRead = true },
                    [memories] = new KeysAndAttributes { Keys = [Tombstones.Key(key)], ConsistentRead = true },
                },
            },
            cancellationToken);
        return found[rows] is [var row]
            && ItemFormat.ToData(row) is var data
            && (found[memories].Count == 0 || await IsOfACommandAsync(data, cancellationToken)) ? data : null;
    }

    private async Task<bool> IsOfACommandAsync(ItemModel row, CancellationToken cancellationToken) =>
        await commands.GetAsync(row.Key, row.Version, cancellationToken) is { } command
        && command.UpdatedAt == row.UpdatedAt
        && command.RequestId == row.RequestId;

    private async Task<Dictionary<string, List<Dictionary<string, AttributeValue>>>> ReadAllAsync(
        BatchGetItemRequest request, CancellationToken cancellationToken)
    {
        // The parts must be of one moment. If one is missing, all are read again.
        for (var rounds = new BatchRounds(); ; await rounds.WaitAsync(cancellationToken))
        {
            var response = await dynamoDb.BatchGetItemAsync(request, cancellationToken);
            if (response.UnprocessedKeys is not { Count: > 0 })
            {
                return response.Responses;
            }
        }
    }
}
