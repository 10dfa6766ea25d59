using Microsoft.Extensions.Logging;

namespace Cqrs.Projection;

/// <summary>Publishes alarms to an SNS topic (API version 2010-03-31, action Publish) by a signed request.</summary>
/// <param name="http">Signs for <c>sns</c>; its base address is the service's endpoint.</param>
/// <param name="topicArn">The topic.</param>
/// <param name="logger">Where a failure is told.</param>
public sealed partial class SnsAlarmPublisher(HttpClient http, string topicArn, ILogger<SnsAlarmPublisher> logger) : IAlarmPublisher
{
    // The limit that SNS sets to a subject.
    private const int MaxSubject = 100;

    /// <inheritdoc />
    public async Task RaiseAsync(Alarm alarm, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["Action"] = "Publish",
                ["Version"] = "2010-03-31",
                ["TopicArn"] = topicArn,
                ["Subject"] = alarm.Subject.Length <= MaxSubject ? alarm.Subject : alarm.Subject[..MaxSubject],
                ["Message"] = alarm.Message,
            });
            using var response = await http.PostAsync("", content, cancellationToken);
            response.EnsureSuccessStatusCode();
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotPublished(fault, alarm.Subject, topicArn);
        }
    }

    [LoggerMessage(LogLevel.Error, "The alarm {Subject} could not be published to {TopicArn}.")]
    private partial void LogNotPublished(Exception exception, string subject, string topicArn);
}
