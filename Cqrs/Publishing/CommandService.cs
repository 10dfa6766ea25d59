using System.Text.Json.Nodes;
using Cqrs.CommandLog;
using Cqrs.Items;

namespace Cqrs.Publishing;

/// <summary>
/// Publishes a module's commands: versioned, append-only, each accepted one stored once and whole. Every outcome that a caller can
/// cause is a result; exceptions are faults of the store.
/// </summary>
public sealed class CommandService
{
    private readonly Publisher _publisher;
    private readonly CurrentStates _currentStates;
    private readonly Reservations _reservations;
    private readonly TimeProvider _time;

    internal CommandService(Publisher publisher, CurrentStates currentStates, Reservations reservations, TimeProvider time) =>
        (_publisher, _currentStates, _reservations, _time) = (publisher, currentStates, reservations, time);

    /// <summary>
    /// Stores a command; the stream brings the read models up to it. The version that the caller has seen decides:
    /// <see cref="Keys.VersionFirst"/> creates, a version builds on exactly that one, <see cref="Keys.VersionLatest"/> on whatever is newest.
    /// </summary>
    /// <returns>Accepted, Unchanged, Conflict, CodeTaken, Rejected, TooLarge, Unreadable or IdempotencyMismatch.</returns>
    public Task<PublishResult> PublishAsync(CommandInput input, CommandOptions options, CancellationToken cancellationToken = default) =>
        PublishAsync(input, options, isSync: false, cancellationToken);

    /// <summary>
    /// As <see cref="PublishAsync(CommandInput, CommandOptions, CancellationToken)"/>, and command, history and data are written in one
    /// transaction, and then the handlers run: when it returns Accepted, every read model shows it.
    /// </summary>
    /// <returns>As the asynchronous one, or Pending if the command is stored and a handler has yet to apply it.</returns>
    public Task<PublishResult> PublishSync(CommandInput input, CommandOptions options, CancellationToken cancellationToken = default) =>
        PublishAsync(input, options, isSync: true, cancellationToken);

    /// <summary>
    /// Publishes what <paramref name="decide"/> makes of the newest state, which is null if the item does not exist (and when
    /// <paramref name="version"/> says that it must not). It may be called more than once, as the newest state changes.
    /// </summary>
    /// <param name="key">The item.</param>
    /// <param name="version">The version that the caller has seen.</param>
    /// <param name="decide">The rule: a pure function.</param>
    /// <param name="options">The user that publishes, and how.</param>
    /// <param name="isSync">Whether to publish as <see cref="PublishSync"/> does.</param>
    /// <param name="cancellationToken">Stops the publish; whether the command was stored is then not known.</param>
    /// <returns>As <see cref="PublishSync"/>.</returns>
    public Task<PublishResult> PublishAsync(
        ItemKey key,
        long version,
        Func<ItemModel?, Decision> decide,
        CommandOptions options,
        bool isSync = false,
        CancellationToken cancellationToken = default) =>
        _publisher.PublishAsync(new PublishRequest(key, version, decide, NeedsItem: false, options, isSync), cancellationToken);

    /// <summary>
    /// Merges a JSON merge patch (RFC 7396) with the members <c>name</c>, <c>code</c>, <c>seq</c>, <c>ttl</c>, <c>isDeleted</c> and
    /// <c>attributes</c> into the newest state, and publishes the outcome. Arrays are replaced, null removes.
    /// </summary>
    /// <returns>As <see cref="PublishAsync(CommandInput, CommandOptions, CancellationToken)"/>, or NotFound.</returns>
    public Task<PublishResult> PublishPartialUpdateAsync(
        ItemKey key, long version, JsonObject patch, CommandOptions options, CancellationToken cancellationToken = default) =>
        UpdateAsync(key, version, current => PartialUpdate.Apply(current, patch), options, isSync: false, cancellationToken);

    /// <summary>As <see cref="PublishPartialUpdateAsync"/>, published synchronously.</summary>
    public Task<PublishResult> PublishPartialUpdateSync(
        ItemKey key, long version, JsonObject patch, CommandOptions options, CancellationToken cancellationToken = default) =>
        UpdateAsync(key, version, current => PartialUpdate.Apply(current, patch), options, isSync: true, cancellationToken);

    /// <summary>
    /// Publishes what <paramref name="decide"/> makes of the newest state of an item that exists. It may be called more than once, as the
    /// newest state changes.
    /// </summary>
    /// <param name="key">The item.</param>
    /// <param name="version">The version that the caller has seen, or <see cref="Keys.VersionLatest"/>.</param>
    /// <param name="decide">The rule: a pure function.</param>
    /// <param name="options">The user that publishes, and how.</param>
    /// <param name="isSync">Whether to publish as <see cref="PublishSync"/> does.</param>
    /// <param name="cancellationToken">Stops the publish; whether the command was stored is then not known.</param>
    /// <returns>As <see cref="PublishSync"/>, or NotFound.</returns>
    public Task<PublishResult> UpdateAsync(
        ItemKey key,
        long version,
        Func<ItemModel, Decision> decide,
        CommandOptions options,
        bool isSync = false,
        CancellationToken cancellationToken = default) =>
        _publisher.PublishAsync(new PublishRequest(key, version, current => decide(current!), NeedsItem: true, options, isSync), cancellationToken);

    /// <summary>Returns the newest state of an item, applied or not, by strongly consistent reads; null if there is none or it has expired.</summary>
    public async Task<ItemModel?> GetNewestAsync(ItemKey key, CancellationToken cancellationToken = default) =>
        (await _currentStates.NewestAsync(key, atLeast: 0, cancellationToken)).Newest is { } newest && !newest.IsExpired(_time.GetUtcNow()) ? newest : null;

    /// <summary>
    /// Returns the newest states of many items, applied or not, by strongly consistent batch reads: three for a hundred items whose commands are all
    /// applied. Expired items are among them.
    /// </summary>
    /// <returns>The states of the items that exist.</returns>
    public Task<IReadOnlyDictionary<ItemKey, ItemModel>> GetNewestAsync(
        IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken = default) =>
        _currentStates.NewestAsync(keys, cancellationToken);

    /// <summary>Which items hold codes, by strongly consistent batch reads. A code of the form of a ULID can only be that item's own sort key.</summary>
    /// <param name="pk">The partition key of the tenant's items.</param>
    /// <param name="codes">The codes, each once.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <returns>The keys of the items by their codes; codes that nobody holds are left out.</returns>
    public Task<IReadOnlyDictionary<string, ItemKey>> FindByCodeAsync(
        string pk, IReadOnlyCollection<string> codes, CancellationToken cancellationToken = default) =>
        _reservations.FindAsync(pk, codes, cancellationToken);

    /// <summary>
    /// Checks an input, whatever the state of its item, and returns the errors. Every publish checks the state that it is about to store. A caller
    /// that knows the input beforehand can refuse it by this before anything is read.
    /// </summary>
    public static IReadOnlyList<FieldError> Check(CommandInput input) => CommandRules.Check(input);

    /// <summary>Returns whether an input would change nothing: the check that every publish makes by itself.</summary>
    public bool IsNotCommandDirty(ItemModel existing, CommandInput input) => NextCommand.IsUnchanged(existing, input, _time.GetUtcNow());

    private Task<PublishResult> PublishAsync(CommandInput input, CommandOptions options, bool isSync, CancellationToken cancellationToken) =>
        _publisher.PublishAsync(
            new PublishRequest(input.Key, input.Version, _ => new Decision.Publish(input), NeedsItem: false, options, isSync, input),
            cancellationToken);
}
