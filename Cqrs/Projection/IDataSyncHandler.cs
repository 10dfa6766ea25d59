using Cqrs.Items;

namespace Cqrs.Projection;

/// <summary>
/// Brings one target of a module (a relational read model, a search index) up to the commands. The term and the two directions are
/// those of MBC CQRS Serverless.
/// </summary>
/// <remarks>
/// A handler is idempotent by version: it may be handed a command more than once and, after a fault, later than a newer one, and
/// never lets its target go back. Each handler decides by the version that its own target has.
/// </remarks>
public interface IDataSyncHandler
{
    /// <summary>Names the handler in logs and in parked commands.</summary>
    string Name => GetType().Name;

    /// <summary>
    /// Whether a person should hear of a command that was parked for this reason. By default of everything but what is not found.
    /// </summary>
    bool IsCritical(Exception exception) => exception is not KeyNotFoundException;

    /// <summary>
    /// Tells the cause of an exception of this handler, which knows its own store. The default knows the exceptions of common stores. The cause of
    /// others is unknown; the kernel then finds it out by whether the target takes another item at that moment.
    /// </summary>
    FaultOrigin OriginOf(Exception exception) => StoreFaults.OriginOf(exception);

    /// <summary>
    /// Whether the handler tells, in the write that brings its target up, that the commands are finished. Where a module has other handlers too, it
    /// is first handed commands by <see cref="UpUnannouncedAsync"/>, and by <see cref="UpAsync"/> when all handlers have them.
    /// </summary>
    bool AnnouncesFinished => false;

    /// <summary>As <see cref="UpAsync"/>, but tells nobody; it remembers what is yet to be told, whoever dies in between.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task UpUnannouncedAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken) => UpAsync(commands, cancellationToken);

    /// <summary>
    /// Applies commands (soft deletes too): of each item in version order, several versions of one item possibly in one call.
    /// </summary>
    /// <param name="commands">The commands, all of one module.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task UpAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken);

    /// <summary>
    /// Writes states as they are in the data table, also over a row of the same version: mends a target that was changed from outside. Like
    /// <see cref="UpUnannouncedAsync"/> it tells nobody.
    /// </summary>
    /// <param name="items">Newest states, one for each item.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task ResyncAsync(IReadOnlyList<DataModel> items, CancellationToken cancellationToken);

    /// <summary>
    /// Takes items out of the target that have left the data table: expired, purged, or found stale by a resync. Each only if the target
    /// still has the given version.
    /// </summary>
    /// <param name="items">The items with the version that was seen.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task DownAsync(IReadOnlyList<KeyVersion> items, CancellationToken cancellationToken);

    /// <summary>Which versions the target has of the given items; those it does not have are left out.</summary>
    /// <param name="keys">The items to look up.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task<IReadOnlyDictionary<ItemKey, long>> GetAppliedVersionsAsync(
        IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken);

    /// <summary>Everything the target has under a partition key, in sort key order.</summary>
    /// <param name="pk">The partition key.</param>
    /// <param name="cancellationToken">Stops the enumeration.</param>
    IAsyncEnumerable<KeyVersion> ListAsync(string pk, CancellationToken cancellationToken);

    /// <summary>Lists the items that have expired and are still in the target; none for a target that does not keep the expiry.</summary>
    /// <param name="now">The time to judge by.</param>
    /// <param name="cancellationToken">Stops the enumeration.</param>
    IAsyncEnumerable<KeyVersion> ListExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        AsyncEnumerable.Empty<KeyVersion>();
}
