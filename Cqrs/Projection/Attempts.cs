using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Projection;

/// <summary>
/// Retries a command that a read model refuses, and parks it after some attempts. So one bad item never blocks the others. The fault of a whole store is
/// thrown at once, because it says nothing about single items.
/// </summary>
internal sealed partial class Attempts(
    CqrsModule module, ParkedStore parked, IEnumerable<IAlarmPublisher> alarms, IEnumerable<IFailureObserver> observers, ILogger<Attempts> logger)
{
    private const int Max = 4;

    // The next batch waits during the retries, so they are short. A longer outage is a fault of the store.
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMilliseconds(200);

    /// <summary>Tries again what has failed, and at last parks the command.</summary>
    /// <param name="target">Which read model failed.</param>
    /// <param name="command">The command that it is about.</param>
    /// <param name="failure">How it failed.</param>
    /// <param name="apply">Tries it; is told whether that is the last time.</param>
    /// <param name="isCritical">Whether a person should hear of it.</param>
    /// <param name="position">Where in the stream the command stands; null if it does not come from there.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Whether a retry succeeded. If none did, the command is parked.</returns>
    public async Task<bool> RetryOrParkAsync(
        string target,
        CommandModel command,
        Exception failure,
        Func<bool, Task> apply,
        bool isCritical,
        string? position,
        CancellationToken cancellationToken)
    {
        if (await RetryAsync(apply, failure, cancellationToken) is not { } last)
        {
            return true;
        }

        await parked.ParkAsync(target, command, last, Max, position, AnnounceAsync, cancellationToken);
        return false;

        async Task AnnounceAsync(string reason)
        {
            LogParked(last, target, command.Id, command.Version);
            await Task.WhenAll(observers.Select(observer => observer.CommandFailedAsync(command, reason, cancellationToken)));
            CqrsTelemetry.Parked.Add(1, new("cqrs.module", module.Name), new("cqrs.handler", target));
            if (isCritical)
            {
                await RaiseAsync(
                    "a command was parked",
                    $"{target} could not apply {command.Id} version {command.Version} after {Max} attempts: {last.Message}",
                    cancellationToken);
            }
        }
    }

    /// <summary>Tries to take an item out of a read model, and at last goes on without, with an alarm: a resync finds what is left there.</summary>
    public async Task TakeDownOrGoOnAsync(string target, ItemKey key, Func<bool, Task> takeDown, CancellationToken cancellationToken)
    {
        Exception failure;
        try
        {
            await takeDown(false);
            return;
        }
        catch (Exception thrown) when (!StoreFaults.IsStoreFault(thrown))
        {
            failure = thrown;
        }

        if (await RetryAsync(takeDown, failure, cancellationToken) is { } last)
        {
            LogLeft(last, target, key.Id);
            await RaiseAsync(
                "an item was not taken down", $"{target} could not take {key.Id} down after {Max} attempts: {last.Message}", cancellationToken);
        }
    }

    /// <returns>The last failure, or null if it succeeded.</returns>
    private async Task<Exception?> RetryAsync(Func<bool, Task> act, Exception failure, CancellationToken cancellationToken)
    {
        for (var attempt = 2; attempt <= Max; attempt++)
        {
            await Task.Delay(Backoff.Delay(attempt, FirstRetry, LongestRetry), cancellationToken);
            CqrsTelemetry.Retries.Add(1, new KeyValuePair<string, object?>("cqrs.module", module.Name));
            try
            {
                await act(attempt == Max);
                return null;
            }
            catch (Exception again) when (!StoreFaults.IsStoreFault(again))
            {
                failure = again;
            }
        }

        return failure;
    }

    private Task RaiseAsync(string what, string message, CancellationToken cancellationToken)
    {
        var alarm = new Alarm($"{module.Name}: {what}", message);
        return Task.WhenAll(alarms.Select(publisher => publisher.RaiseAsync(alarm, cancellationToken)));
    }

    [LoggerMessage(LogLevel.Error, "{Target} keeps failing on {Id} version {Version}; it is parked.")]
    private partial void LogParked(Exception exception, string target, string id, long version);

    [LoggerMessage(LogLevel.Error, "{Target} keeps failing to take {Id} down; it is left there.")]
    private partial void LogLeft(Exception exception, string target, string id);
}
