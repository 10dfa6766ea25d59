using Cqrs.Notifications;
using Microsoft.Extensions.Logging;

namespace Cqrs.Projection;

/// <summary>Publishes alarms to an SNS topic.</summary>
/// <param name="topic">The topic.</param>
/// <param name="logger">Where a failure is told.</param>
public sealed partial class SnsAlarmPublisher(SnsTopic topic, ILogger<SnsAlarmPublisher> logger) : IAlarmPublisher
{
    /// <inheritdoc />
    public async Task RaiseAsync(Alarm alarm, CancellationToken cancellationToken)
    {
        try
        {
            await topic.PublishAsync(alarm.Subject, alarm.Message, cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotPublished(fault, alarm.Subject, topic.Arn);
        }
    }

    [LoggerMessage(LogLevel.Error, "The alarm {Subject} could not be published to {TopicArn}.")]
    private partial void LogNotPublished(Exception exception, string subject, string topicArn);
}
