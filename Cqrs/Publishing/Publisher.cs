using System.Diagnostics;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Reading;
using Cqrs.Streams;

namespace Cqrs.Publishing;

/// <summary>What is asked: the rule that makes the input from the newest state, and what it applies to.</summary>
internal sealed record PublishRequest(
    ItemKey Key, long Version, Func<ItemModel?, Decision> Decide, bool NeedsItem, CommandOptions Options, bool IsSync);

/// <summary>
/// Carries a publish through: finds the state that it builds on, has the rule decide, writes, and begins again when somebody else was faster and
/// the caller builds on whatever is newest.
/// </summary>
internal sealed class Publisher(
    CqrsModule module,
    BaseStates baseStates,
    CommandWriter writer,
    IdempotencyKeys idempotencyKeys,
    Projector projector,
    SessionStore sessions,
    IEnumerable<ICommandHint> hints,
    TimeProvider time)
{
    private const int MaxAttempts = 20;

    public async Task<PublishResult> PublishAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var activity = CqrsTelemetry.Source.StartActivity($"publish {module.Name}");
        activity?.SetTag("cqrs.module", module.Name);

        var result = request.Version < Keys.VersionLatest
            ? new PublishResult.Rejected([new("version", "must be a version, 0 (create) or -1 (newest)")])
            : await AttemptAsync(request, cancellationToken);

        // A repeat is told by its key, and only looked for when it did not go through like a first request.
        if (result is not PublishResult.Accepted and not PublishResult.Pending
            && await idempotencyKeys.FindFirstAnswerAsync(request.Key.Pk, request.Options, cancellationToken) is { } first)
        {
            result = first;
        }

        var outcome = result.GetType().Name;
        activity?.SetTag("cqrs.outcome", outcome);
        CqrsTelemetry.PublishDuration.Record(
            time.GetElapsedTime(started).TotalSeconds, new("cqrs.module", module.Name), new("cqrs.outcome", outcome));
        if (result is PublishResult.Conflict)
        {
            CqrsTelemetry.Conflicts.Add(1, new KeyValuePair<string, object?>("cqrs.module", module.Name));
        }

        return result;
    }

    private async Task<PublishResult> AttemptAsync(PublishRequest request, CancellationToken cancellationToken)
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

            var now = time.GetUtcNow();
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
            var input = (decision as Decision.Publish)?.Input;
            var errors = input is null ? ((Decision.Reject)decision).Errors : CommandRules.Check(input);
            if (input is null || errors.Count > 0)
            {
                if (found.IsCertain)
                {
                    return new PublishResult.Rejected(errors);
                }

                // Another state may be the newest, and what is wrong on top of this one be right on top of that.
                searchNewest = true;
                continue;
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

            // A key that is generated here is known to nobody: the entry needs not wait for the command.
            var remembering = request is { IsSync: false, Options.RemembersWrite: true } && found.Newest is null && !input.HasChosenSk
                ? sessions.RememberNewAsync(request.Options.InvokeContext.User, command)
                : null;
            switch (await writer.WriteAsync(command, item, found.Newest, request.Options.Idempotency, cancellationToken))
            {
                case WriteOutcome.Written when request.IsSync
                    && await projector.TryHandleNowAsync([.. predecessors, command], cancellationToken):
                    return new PublishResult.Accepted(command);
                case WriteOutcome.Written:
                    Hint();
                    await (remembering ?? RememberAsync(request, command, cancellationToken));
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

    private async Task<BaseState?> FindBaseAsync(PublishRequest request, bool searchNewest, CancellationToken cancellationToken) =>
        request.Version switch
        {
            Keys.VersionFirst => new BaseState(null, IsCertain: true, 0),
            Keys.VersionLatest when searchNewest => await baseStates.NewestAsync(request.Key, cancellationToken),
            Keys.VersionLatest => await baseStates.FromDataAsync(request.Key, cancellationToken),
            _ => await baseStates.AtAsync(request.Key, request.Version, request.IsSync, cancellationToken),
        };

    private async Task<List<CommandModel>> ApplyPendingAsync(ItemKey key, BaseState found, CancellationToken cancellationToken)
    {
        if (found.Newest is not CommandModel newest || found.DataVersion >= newest.Version)
        {
            return [];
        }

        // The projection reads the predecessors that are missing too.
        return await projector.ApplyToDataAsync([newest], cancellationToken);
    }

    private void Hint()
    {
        foreach (var hint in hints)
        {
            hint.CommandStored(module);
        }
    }

    private async Task RememberAsync(PublishRequest request, CommandModel command, CancellationToken cancellationToken)
    {
        if (request.Options.RemembersWrite)
        {
            await sessions.RememberAsync(request.Options.InvokeContext.User, command, cancellationToken);
        }
    }

    private async Task<PublishResult> ConflictAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        var newest = (await baseStates.NewestAsync(request.Key, cancellationToken)).Newest;
        return request.NeedsItem && newest?.IsExpired(time.GetUtcNow()) != false
            ? new PublishResult.NotFound()
            : new PublishResult.Conflict(newest?.Version ?? 0);
    }
}
