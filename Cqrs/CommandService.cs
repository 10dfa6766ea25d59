using System.Diagnostics;
using System.Text.Json.Nodes;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Publishing;
using Cqrs.Reading;
using Cqrs.Streams;

namespace Cqrs;

/// <summary>
/// Publishes a module's commands: versioned, append-only, each accepted one stored once and whole. Every outcome that a caller can
/// cause is a result; exceptions are faults of the store.
/// </summary>
public sealed class CommandService
{
    private const int MaxAttempts = 20;

    private readonly CqrsModule _module;
    private readonly BaseStates _baseStates;
    private readonly CommandWriter _writer;
    private readonly IdempotencyKeys _idempotencyKeys;
    private readonly Projector _projector;
    private readonly SessionStore _sessions;
    private readonly IReadOnlyList<ICommandHint> _hints;
    private readonly TimeProvider _time;

    internal CommandService(
        CqrsModule module,
        BaseStates baseStates,
        CommandWriter writer,
        IdempotencyKeys idempotencyKeys,
        Projector projector,
        SessionStore sessions,
        IEnumerable<ICommandHint> hints,
        TimeProvider time)
    {
        _module = module;
        _baseStates = baseStates;
        _writer = writer;
        _idempotencyKeys = idempotencyKeys;
        _projector = projector;
        _sessions = sessions;
        _hints = [.. hints];
        _time = time;
    }

    /// <summary>
    /// Stores a command; the stream brings the read models up to it. The version that the caller has seen decides:
    /// <see cref="Keys.VersionFirst"/> creates, a version builds on exactly that one, <see cref="Keys.VersionLatest"/> on whatever is newest.
    /// </summary>
    /// <returns>Accepted, Unchanged, Conflict, CodeTaken, Rejected, TooLarge or IdempotencyMismatch.</returns>
    public Task<PublishResult> PublishAsync(CommandInput input, CommandOptions options, CancellationToken cancellationToken = default) =>
        PublishAsync(input.Key, input.Version, _ => new Decision.Publish(input), options, isSync: false, cancellationToken);

    /// <summary>
    /// As <see cref="PublishAsync(CommandInput, CommandOptions, CancellationToken)"/>, and command, history and data are written in one
    /// transaction, and then the handlers run: when it returns Accepted, every read model shows it.
    /// </summary>
    /// <returns>As the asynchronous one, or Pending if the command is stored and a handler has yet to apply it.</returns>
    public Task<PublishResult> PublishSync(CommandInput input, CommandOptions options, CancellationToken cancellationToken = default) =>
        PublishAsync(input.Key, input.Version, _ => new Decision.Publish(input), options, isSync: true, cancellationToken);

    /// <summary>
    /// Publishes what <paramref name="decide"/> makes of the newest state, which is null if the item does not exist (and when
    /// <paramref name="version"/> says that it must not). It may be called more than once, as the newest state changes.
    /// </summary>
    /// <param name="key">The item.</param>
    /// <param name="version">The version that the caller has seen.</param>
    /// <param name="decide">The rule: a pure function.</param>
    /// <param name="options">Who publishes.</param>
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
        PublishAsync(new Request(key, version, decide, NeedsItem: false, options, isSync), cancellationToken);

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
    /// <param name="options">Who publishes.</param>
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
        PublishAsync(new Request(key, version, current => decide(current!), NeedsItem: true, options, isSync), cancellationToken);

    /// <summary>The newest state of an item, applied or not, by strongly consistent reads; null if there is none or it has expired.</summary>
    public async Task<ItemModel?> GetNewestAsync(ItemKey key, CancellationToken cancellationToken = default) =>
        (await _baseStates.NewestAsync(key, cancellationToken)).Newest is { } newest && !newest.IsExpired(_time.GetUtcNow()) ? newest : null;

    /// <summary>Whether an input would change nothing: the check that every publish makes by itself.</summary>
    public bool IsNotCommandDirty(ItemModel existing, CommandInput input) => NextCommand.IsUnchanged(existing, input, _time.GetUtcNow());

    private async Task<PublishResult> PublishAsync(Request request, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        using var activity = CqrsTelemetry.Source.StartActivity($"publish {_module.Name}");
        activity?.SetTag("cqrs.module", _module.Name);

        var result = request.Version < Keys.VersionLatest
            ? new PublishResult.Rejected([new("version", "must be a version, 0 (create) or -1 (newest)")])
            : await AttemptAsync(request, cancellationToken);

        // A repeat is told by its key, and only looked for when it did not go through like a first request.
        if (result is not PublishResult.Accepted and not PublishResult.Pending
            && await _idempotencyKeys.FindFirstAnswerAsync(request.Key.Pk, request.Options, cancellationToken) is { } first)
        {
            result = first;
        }

        var outcome = result.GetType().Name;
        activity?.SetTag("cqrs.outcome", outcome);
        CqrsTelemetry.PublishDuration.Record(
            _time.GetElapsedTime(started).TotalSeconds, new("cqrs.module", _module.Name), new("cqrs.outcome", outcome));
        if (result is PublishResult.Conflict)
        {
            CqrsTelemetry.Conflicts.Add(1, new KeyValuePair<string, object?>("cqrs.module", _module.Name));
        }

        return result;
    }

    private async Task<PublishResult> AttemptAsync(Request request, CancellationToken cancellationToken)
    {
        var writeId = Ulid.NewUlid().ToString();
        var searchNewest = request is { IsSync: true, Version: Keys.VersionLatest };
        for (var attempt = 1; ; attempt++)
        {
            var found = await FindBaseAsync(request, searchNewest, cancellationToken);
            if (found is null)
            {
                return await ConflictAsync(request, cancellationToken);
            }

            var now = _time.GetUtcNow();
            if (request.NeedsItem && (found.Newest is null || found.Newest.IsExpired(now)))
            {
                if (found.Newest is null && !found.IsCertain)
                {
                    searchNewest = true;
                    continue;
                }

                return new PublishResult.NotFound();
            }

            var decision = request.Decide(found.Newest);
            if (decision is Decision.Reject(var reasons))
            {
                return new PublishResult.Rejected(reasons);
            }

            var input = ((Decision.Publish)decision).Input;
            if (CommandRules.Check(input) is { Count: > 0 } errors)
            {
                return new PublishResult.Rejected(errors);
            }

            if (found.Newest is { } newest && NextCommand.IsUnchanged(newest, input, now))
            {
                if (found.IsCertain)
                {
                    return new PublishResult.Unchanged(newest);
                }

                searchNewest = true;
                continue;
            }

            var predecessors = request.IsSync ? await ApplyPendingAsync(request.Key, found, cancellationToken) : [];
            var command = NextCommand.From(found.Newest, input, request.Options, writeId, Activity.Current?.Id, now) with
            {
                IsSync = request.IsSync,
            };
            var item = ItemFormat.ToItem(command);
            if (ItemSize.Of(item) is > ItemSize.MaxCommandBytes and var bytes)
            {
                return new PublishResult.TooLarge(bytes, ItemSize.MaxCommandBytes);
            }

            switch (await _writer.WriteAsync(command, item, found.Newest, request.Options.Idempotency, cancellationToken))
            {
                case WriteOutcome.Written when request.IsSync
                    && await _projector.TryHandleNowAsync([.. predecessors, command], cancellationToken):
                    return new PublishResult.Accepted(command);
                case WriteOutcome.Written:
                    Hint();
                    await RememberAsync(request, command, cancellationToken);
                    return request.IsSync ? new PublishResult.Pending(command) : new PublishResult.Accepted(command);
                case WriteOutcome.CodeTaken:
                    return new PublishResult.CodeTaken(command.Code);
                case WriteOutcome.KeyUsed:
                    // The first answer takes the place of this result.
                    return new PublishResult.IdempotencyMismatch();
                case WriteOutcome.VersionTaken when request.Version != Keys.VersionLatest || attempt == MaxAttempts:
                    return await ConflictAsync(request, cancellationToken);
                case WriteOutcome.DataMoved when attempt == MaxAttempts:
                    return await ConflictAsync(request, cancellationToken);
                default:
                    searchNewest = request.Version == Keys.VersionLatest;
                    await Task.Delay(Backoff.Delay(attempt), cancellationToken);
                    break;
            }
        }
    }

    private async Task<BaseState?> FindBaseAsync(Request request, bool searchNewest, CancellationToken cancellationToken) =>
        request.Version switch
        {
            Keys.VersionFirst => new BaseState(null, IsCertain: true, 0),
            Keys.VersionLatest when searchNewest => await _baseStates.NewestAsync(request.Key, cancellationToken),
            Keys.VersionLatest => await _baseStates.FromDataAsync(request.Key, cancellationToken),
            _ => await _baseStates.AtAsync(request.Key, request.Version, request.IsSync, cancellationToken),
        };

    private async Task<List<CommandModel>> ApplyPendingAsync(ItemKey key, BaseState found, CancellationToken cancellationToken)
    {
        if (found.Newest is not CommandModel newest || found.DataVersion >= newest.Version)
        {
            return [];
        }

        // The projection reads the predecessors that are missing too.
        return await _projector.ApplyToDataAsync([newest], cancellationToken);
    }

    private void Hint()
    {
        foreach (var hint in _hints)
        {
            hint.CommandStored(_module);
        }
    }

    private async Task RememberAsync(Request request, CommandModel command, CancellationToken cancellationToken)
    {
        if (request.Options.RemembersWrite)
        {
            await _sessions.RememberAsync(request.Options.InvokeContext.User, command, cancellationToken);
        }
    }

    private async Task<PublishResult> ConflictAsync(Request request, CancellationToken cancellationToken)
    {
        var newest = (await _baseStates.NewestAsync(request.Key, cancellationToken)).Newest;
        return request.NeedsItem && newest?.IsExpired(_time.GetUtcNow()) != false
            ? new PublishResult.NotFound()
            : new PublishResult.Conflict(newest?.Version ?? 0);
    }

    /// <summary>What is asked: the rule that makes the input from the newest state, and what it applies to.</summary>
    private sealed record Request(
        ItemKey Key, long Version, Func<ItemModel?, Decision> Decide, bool NeedsItem, CommandOptions Options, bool IsSync);
}
