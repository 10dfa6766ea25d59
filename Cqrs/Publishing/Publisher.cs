using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Sessions;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Publishing;

/// <summary>A request to publish: the rule that makes the input from the newest state, and the item that it applies to.</summary>
/// <param name="Key">The item.</param>
/// <param name="Version">The version that the caller has seen.</param>
/// <param name="Decide">The rule.</param>
/// <param name="NeedsItem">Whether the item must exist.</param>
/// <param name="Options">The user that publishes, and how.</param>
/// <param name="IsSync">Whether it is published synchronously.</param>
/// <param name="Input">The input, if it is the same on top of every state.</param>
internal sealed record PublishRequest(
    ItemKey Key,
    long Version,
    Func<ItemModel?, Decision> Decide,
    bool NeedsItem,
    CommandOptions Options,
    bool IsSync,
    CommandInput? Input = null);

/// <summary>
/// Publishes a command: finds the current state, lets the rule decide, and writes. If another writer was faster and the caller builds on the newest state,
/// it starts again.
/// </summary>
internal sealed partial class Publisher(
    CqrsModule module,
    CurrentStates currentStates,
    CommandWriter writer,
    IdempotencyKeys idempotencyKeys,
    Projector projector,
    SessionStore sessions,
    IEnumerable<ICommandHint> hints,
    TimeProvider time,
    ILogger<Publisher> logger)
{
    private const int MaxAttempts = 20;

    public async Task<PublishResult> PublishAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var activity = CqrsTelemetry.Source.StartActivity($"publish {module.Name}");
        activity?.SetTag("cqrs.module", module.Name);

        // An input that no state can make valid is rejected before anything is read.
        var errors = request.Input is { } input ? CommandRules.Check(input) : CommandRules.Check(request.Key, request.Version);
        var result = errors.Count > 0
            ? new PublishResult.Rejected(errors)
            : await AttemptOrFindFirstAsync(request, cancellationToken);

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

    // A repeated request has the same idempotency key. Its first answer is looked up only if the request was not accepted as a new one.
    private async Task<PublishResult> AttemptOrFindFirstAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        PublishResult result;
        try
        {
            result = await AttemptAsync(request, cancellationToken);
        }
        catch (UnreadableItemException unreadable)
        {
            LogUnreadable(unreadable, unreadable.Pk, unreadable.Sk);
            return new PublishResult.Unreadable(unreadable.Message);
        }

        return result is PublishResult.Accepted or PublishResult.Pending
            ? result
            : await idempotencyKeys.FindFirstAnswerAsync(request.Key.Pk, request.Options, cancellationToken) ?? result;
    }

    private async Task<PublishResult> AttemptAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        var writeId = Ulid.NewUlid().ToString();
        // A synchronous publish first applies the state that it builds on. So it must know before the write that this state is the newest.
        var mustBeCertain = request.IsSync;
        var atLeast = 0L;
        for (var attempt = 1; ; attempt++)
        {
            if (await FindBaseAsync(request, mustBeCertain, atLeast, cancellationToken) is not { } found)
            {
                return await ConflictAsync(request, atLeast, cancellationToken);
            }

            var (proposal, outcome) = Proposal.Make(request, found.Newest, writeId, time.GetUtcNow());
            if (proposal is null)
            {
                if (found.IsCertain)
                {
                    return await AnswerAsync(request, outcome!, found, cancellationToken);
                }

                // The state may be outdated, and the newest state may lead to another outcome.
                mustBeCertain = true;
                continue;
            }

            var command = proposal.Command;
            // The projection also reads missing predecessors.
            var predecessors = request.IsSync && found.Pending is { } pending
                ? await projector.ApplyToDataAsync([pending], cancellationToken)
                : [];
            // No other caller knows a generated key. So the session entry is written at the same time as the command.
            var remembering = request is { IsSync: false, Options.RemembersWrite: true } && found.Newest is null && !proposal.HasChosenSk
                ? sessions.RememberNewAsync(request.Options.InvokeContext.User, command)
                : null;
            switch (await writer.WriteAsync(command, proposal.Item, found.Newest, request.Options.Idempotency, cancellationToken))
            {
                case WriteOutcome.Written when request.IsSync
                    && await projector.Targets.TryHandleNowAsync([.. predecessors, command], cancellationToken):
                    return new PublishResult.Accepted(command);
                case WriteOutcome.Written:
                    Hint();
                    await (remembering ?? RememberAsync(request, command, cancellationToken));
                    return request.IsSync ? new PublishResult.Pending(command) : new PublishResult.Accepted(command);
                case WriteOutcome.CodeTaken:
                    return new PublishResult.CodeTaken(command.Code);
                case WriteOutcome.KeyUsed:
                    // The caller gets the first answer instead of this result.
                    return new PublishResult.IdempotencyMismatch();
                case WriteOutcome.VersionTaken when request.Version != Keys.VersionLatest || attempt >= MaxAttempts:
                    return await ConflictAsync(request, command.Version, cancellationToken);
                case WriteOutcome.DataMoved when attempt >= MaxAttempts:
                    return await ConflictAsync(request, atLeast, cancellationToken);
                case WriteOutcome.VersionTaken:
                    atLeast = command.Version;
                    break;
            }

            mustBeCertain = true;
            await Task.Delay(Backoff.Delay(attempt), cancellationToken);
        }
    }

    private async Task<CurrentState?> FindBaseAsync(
        PublishRequest request, bool mustBeCertain, long atLeast, CancellationToken cancellationToken) => request.Version switch
        {
            Keys.VersionFirst => new CurrentState(null, IsCertain: true, 0),
            Keys.VersionLatest when mustBeCertain => await currentStates.NewestAsync(request.Key, atLeast, cancellationToken),
            Keys.VersionLatest => await currentStates.FromDataAsync(request.Key, cancellationToken),
            _ when mustBeCertain => await currentStates.NewestAtAsync(request.Key, request.Version, cancellationToken),
            _ => await currentStates.AtAsync(request.Key, request.Version, cancellationToken),
        };

    // The caller is told that nothing changes. The caller then must read that state, even if it is another user's write that is not applied yet.
    private async Task<PublishResult> AnswerAsync(
        PublishRequest request, PublishResult outcome, CurrentState found, CancellationToken cancellationToken)
    {
        if (outcome is PublishResult.Unchanged && found.Pending is { } pending)
        {
            await RememberAsync(request, pending, cancellationToken);
        }

        return outcome;
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

    private async Task<PublishResult> ConflictAsync(PublishRequest request, long atLeast, CancellationToken cancellationToken)
    {
        var newest = (await currentStates.NewestAsync(request.Key, atLeast, cancellationToken)).Newest;
        return request.NeedsItem && newest?.IsExpired(time.GetUtcNow()) != false
            ? new PublishResult.NotFound()
            : new PublishResult.Conflict(newest?.Version ?? 0);
    }

    [LoggerMessage(LogLevel.Error, "The item {Pk} / {Sk} is not what it should be; nothing can be published while it is there.")]
    private partial void LogUnreadable(Exception exception, string pk, string sk);
}
