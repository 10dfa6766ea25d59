using System.Globalization;
using System.Xml.Linq;
using Amazon;
using Amazon.DynamoDBv2;
using Microsoft.Extensions.Configuration;

namespace Cqrs.Notifications;

/// <summary>A message of a batch.</summary>
/// <param name="Id">Names it in the batch; a topic that is FIFO drops a repeat of it.</param>
/// <param name="Body">The text.</param>
/// <param name="Group">Within what a topic that is FIFO keeps the order.</param>
/// <param name="Attributes">Attributes that subscribers may filter by.</param>
public sealed record SnsMessage(string Id, string Body, string Group, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Publishes to an SNS topic by requests of the query API (version 2010-03-31): its client package is not at hand.</summary>
/// <param name="http">Signs for <c>sns</c>; its base address is the service's endpoint.</param>
/// <param name="arn">The topic.</param>
public sealed class SnsTopic(HttpClient http, string arn)
{
    /// <summary>How many messages a batch may have.</summary>
    public const int MaxBatch = 10;

    // The limit that SNS sets to a subject.
    private const int MaxSubject = 100;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly bool _isFifo = arn.EndsWith(".fifo", StringComparison.Ordinal);

    /// <summary>Gets the topic.</summary>
    public string Arn => arn;

    /// <summary>
    /// Returns the topic that a setting names by its ARN; null if it names none. The endpoint is that of the topic's region, or <c>AWS_ENDPOINT_URL_SNS</c>.
    /// </summary>
    public static SnsTopic? Configured(IConfiguration configuration, string setting)
    {
        if (configuration[setting] is not { Length: > 0 } arn)
        {
            return null;
        }

        if (arn.Split(':') is not ["arn", _, "sns", { Length: > 0 } regionName, _, { Length: > 0 }])
        {
            throw new InvalidOperationException($"The setting {setting} must be the ARN of an SNS topic; it is '{arn}'.");
        }

        var region = RegionEndpoint.GetBySystemName(regionName);
        // The configuration of any client will do: the signer takes the region from it, and it may be another than that of DynamoDB.
        var signing = new AwsSigningHandler(new AmazonDynamoDBConfig { RegionEndpoint = region }, "sns") { InnerHandler = new SocketsHttpHandler() };
        var endpoint = configuration["AWS_ENDPOINT_URL_SNS"] is { Length: > 0 } given ? given : EndpointOf(region);
        return new SnsTopic(new HttpClient(signing) { BaseAddress = new Uri(endpoint), Timeout = RequestTimeout }, arn);
    }

    internal static string EndpointOf(RegionEndpoint region) => $"https://sns.{region.SystemName}.{region.PartitionDnsSuffix}/";

    /// <summary>Publishes one message.</summary>
    /// <param name="subject">One line; what is beyond the limit is cut off.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <exception cref="HttpRequestException">SNS refused it, or was not reached.</exception>
    public async Task PublishAsync(string subject, string message, CancellationToken cancellationToken) => await SendAsync(
        "Publish",
        [new("Subject", subject.Length <= MaxSubject ? subject : subject[..MaxSubject]), new("Message", message)],
        cancellationToken);

    /// <summary>Publishes up to <see cref="MaxBatch"/> messages in one request.</summary>
    /// <returns>Those that SNS did not take, with the reason.</returns>
    /// <exception cref="HttpRequestException">SNS refused all of them, or was not reached.</exception>
    public async Task<IReadOnlyDictionary<string, string>> PublishBatchAsync(
        IReadOnlyList<SnsMessage> messages, CancellationToken cancellationToken)
    {
        var answer = await SendAsync("PublishBatch", [.. messages.SelectMany(Fields)], cancellationToken);
        var taken = Members(answer, "Successful").Select(member => Text(member, "Id")).ToHashSet();
        var reasons = Members(answer, "Failed").ToDictionary(member => Text(member, "Id"), member => $"{Text(member, "Code")} {Text(member, "Message")}");
        return messages
            .Where(message => !taken.Contains(message.Id))
            .ToDictionary(message => message.Id, message => reasons.GetValueOrDefault(message.Id, "SNS said nothing of it."));
    }

    private IEnumerable<KeyValuePair<string, string>> Fields(SnsMessage message, int index)
    {
        var member = string.Create(CultureInfo.InvariantCulture, $"PublishBatchRequestEntries.member.{index + 1}");
        yield return new($"{member}.Id", message.Id);
        yield return new($"{member}.Message", message.Body);
        foreach (var (i, (name, value)) in message.Attributes.Index())
        {
            var entry = string.Create(CultureInfo.InvariantCulture, $"{member}.MessageAttributes.entry.{i + 1}");
            yield return new($"{entry}.Name", name);
            yield return new($"{entry}.Value.DataType", "String");
            yield return new($"{entry}.Value.StringValue", value);
        }

        if (_isFifo)
        {
            yield return new($"{member}.MessageGroupId", message.Group);
            yield return new($"{member}.MessageDeduplicationId", message.Id);
        }
    }

    private async Task<XElement> SendAsync(string action, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent([new("Action", action), new("Version", "2010-03-31"), new("TopicArn", arn), .. fields]);
        using var response = await http.PostAsync("", content, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? XElement.Parse(body)
            : throw new HttpRequestException($"SNS answered {action} with {(int)response.StatusCode}: {body}", null, response.StatusCode);
    }

    private static IEnumerable<XElement> Members(XElement answer, string list) =>
        answer.Descendants().Where(element => element.Name.LocalName == list).Elements();

    private static string Text(XElement member, string name) =>
        member.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? "";
}
