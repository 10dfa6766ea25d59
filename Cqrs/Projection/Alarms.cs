using Cqrs.Items;
using Microsoft.Extensions.Logging;

namespace Cqrs.Projection;

/// <summary>Something that a person should look at.</summary>
/// <param name="Subject">One line.</param>
/// <param name="Message">The event, and the item or store that it concerns.</param>
public sealed record Alarm(string Subject, string Message);

/// <summary>Tells people. One implementation logs; another may publish to where people are reached.</summary>
public interface IAlarmPublisher
{
    /// <summary>Raises an alarm. It must not throw: what raised it has to go on.</summary>
    Task RaiseAsync(Alarm alarm, CancellationToken cancellationToken);
}

/// <summary>Hears of commands that were parked, to tell those who published them.</summary>
public interface IFailureObserver
{
    /// <summary>
    /// Is called before a command is parked. It must not throw, because the other commands have to go on. The fault of a whole store is an exception: it may
    /// be thrown, and everything is repeated.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="reason">Why, as the command's status says it.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task CommandFailedAsync(CommandModel command, string reason, CancellationToken cancellationToken);
}

/// <summary>Writes alarms to the log, at level Critical.</summary>
internal sealed partial class LogAlarmPublisher(ILogger<LogAlarmPublisher> logger) : IAlarmPublisher
{
    public Task RaiseAsync(Alarm alarm, CancellationToken cancellationToken)
    {
        LogAlarm(alarm.Subject, alarm.Message);
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Critical, "{Subject}: {Details}")]
    private partial void LogAlarm(string subject, string details);
}
