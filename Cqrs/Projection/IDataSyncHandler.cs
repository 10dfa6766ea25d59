using Cqrs.Items;

namespace Cqrs.Projection;

/// <summary>
/// Applies the commands of a module to one target, for example a relational read model or a search index. The name and the two directions, up and down,
/// are those of MBC CQRS Serverless.
/// </summary>
/// <remarks>
/// A handler must be idempotent by version. It may get a command more than once, and after a fault it may get a command after a newer one. It compares the
/// version with the one in its target, and never writes an older version.
/// </remarks>
public interface IDataSyncHandler
{
    /// <summary>Names the handler in logs and in parked commands.</summary>
    string Name => GetType().Name;

    /// <summary>
    /// Returns whether a command that is parked for this reason raises an alarm. By default every reason does, except <see cref="KeyNotFoundException"/>.
    /// </summary>
    bool IsCritical(Exception exception) => exception is not KeyNotFoundException;

    /// <summary>
    /// Returns the origin of an exception: the command or the store. The default knows the exceptions of common stores. For other exceptions it returns
    /// unknown; the kernel then tests whether the target takes another item.
    /// </summary>
    FaultOrigin OriginOf(Exception exception) => StoreFaults.OriginOf(exception);

    /// <summary>
    /// Gets whether the handler announces, in the write to its target, that commands are finished. If the module has other handlers, this one first gets the
    /// commands by <see cref="UpUnannouncedAsync"/>, and by <see cref="UpAsync"/> when all handlers have them.
    /// </summary>
    bool AnnouncesFinished => false;

    /// <summary>Applies commands like <see cref="UpAsync"/>, without announcing them. It stores durably which announcements are due.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task UpUnannouncedAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken) => UpAsync(commands, cancellationToken);

    /// <summary>
    /// Applies commands, soft deletes too. The commands of an item come in version order; one call may have several versions of an item.
    /// </summary>
    /// <param name="commands">The commands, all of one module.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task UpAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken);

    /// <summary>
    /// Writes states as they are in the data table, also over a row of the same version. So it repairs a target that another program has changed. Like
    /// <see cref="UpUnannouncedAsync"/>, it announces nothing.
    /// </summary>
    /// <param name="items">Newest states, one for each item.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task ResyncAsync(IReadOnlyList<DataModel> items, CancellationToken cancellationToken);

    /// <summary>
    /// Removes items from the target that are not in the data table any more: expired, purged, or found stale by a resync. It removes an item only if the
    /// target still has the given version.
    /// </summary>
    /// <param name="items">The items with the version that was seen.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task DownAsync(IReadOnlyList<KeyVersion> items, CancellationToken cancellationToken);

    /// <summary>Returns the versions that the target has of the given items. Items that it does not have are left out.</summary>
    /// <param name="keys">The items to look up.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task<IReadOnlyDictionary<ItemKey, long>> GetAppliedVersionsAsync(
        IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken);

    /// <summary>Returns all items that the target has under a partition key, in sort key order.</summary>
    /// <param name="pk">The partition key.</param>
    /// <param name="cancellationToken">Stops the enumeration.</param>
    IAsyncEnumerable<KeyVersion> ListAsync(string pk, CancellationToken cancellationToken);

    /// <summary>Lists the items that have expired and are still in the target; none for a target that does not keep the expiry.</summary>
    /// <param name="now">The time to judge by.</param>
    /// <param name="cancellationToken">Stops the enumeration.</param>
    IAsyncEnumerable<KeyVersion> ListExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        AsyncEnumerable.Empty<KeyVersion>();
}
