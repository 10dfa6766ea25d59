using Amazon;
using Cqrs.Notifications;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;

namespace Cqrs.Tests;

public sealed class SnsTopicTests
{
    private const string Arn = "arn:aws:sns:eu-central-1:123456789012:events";

    [Theory]
    [InlineData("eu-central-1", "https://sns.eu-central-1.amazonaws.com/")]
    [InlineData("cn-north-1", "https://sns.cn-north-1.amazonaws.com.cn/")]
    public void The_endpoint_is_that_of_the_topics_region(string region, string endpoint) =>
        Assert.Equal(endpoint, SnsTopic.EndpointOf(RegionEndpoint.GetBySystemName(region)));

    [Theory]
    [InlineData("events")]
    [InlineData("arn:aws:sqs:eu-central-1:123456789012:events")]
    [InlineData("arn:aws:sns::123456789012:events")]
    [InlineData("arn:aws:sns:eu-central-1:123456789012:")]
    public void What_is_no_ARN_of_a_topic_is_refused_with_the_name_of_the_setting(string arn)
    {
        var fault = Assert.Throws<InvalidOperationException>(() => SnsTopic.Configured(Configuration(arn), "Events:TopicArn"));

        Assert.Contains("Events:TopicArn", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_topic_is_none()
    {
        Assert.Null(SnsTopic.Configured(Configuration(""), "Events:TopicArn"));
        Assert.Null(SnsTopic.Configured(Configuration(null), "Events:TopicArn"));
        Assert.Equal(Arn, SnsTopic.Configured(Configuration(Arn), "Events:TopicArn")?.Arn);
    }

    [Theory]
    [InlineData(Arn, null, null)]
    [InlineData($"{Arn}.fifo", "PRODUCT#a", "7")]
    public async Task Only_a_FIFO_topic_is_told_within_what_to_keep_the_order(string arn, string? group, string? deduplication)
    {
        var sent = new Sent("<R><PublishBatchResult><Successful><member><Id>7</Id></member></Successful></PublishBatchResult></R>");
        using var http = new HttpClient(sent) { BaseAddress = new Uri("http://sns/") };

        var refused = await new SnsTopic(http, arn).PublishBatchAsync(
            [new("7", "Ä & <b>", "PRODUCT#a", new Dictionary<string, string> { ["status"] = "FINISHED" })], TestContext.Current.CancellationToken);

        Assert.Empty(refused);
        var expected = new Dictionary<string, string?>
        {
            ["Action"] = "PublishBatch",
            ["Version"] = "2010-03-31",
            ["TopicArn"] = arn,
            ["PublishBatchRequestEntries.member.1.Id"] = "7",
            ["PublishBatchRequestEntries.member.1.Message"] = "Ä & <b>",
            ["PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name"] = "status",
            ["PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.DataType"] = "String",
            ["PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue"] = "FINISHED",
            ["PublishBatchRequestEntries.member.1.MessageGroupId"] = group,
            ["PublishBatchRequestEntries.member.1.MessageDeduplicationId"] = deduplication,
        };
        Assert.Equal(
            expected.Where(field => field.Value is not null).OrderBy(field => field.Key),
            sent.Form.Select(field => KeyValuePair.Create(field.Key, (string?)field.Value.ToString())).OrderBy(field => field.Key));
    }

    [Fact]
    public async Task What_the_answer_does_not_name_counts_as_refused()
    {
        var sent = new Sent(
            "<R><Successful><member><Id>1</Id></member></Successful><Failed><member><Id>2</Id><Code>Throttled</Code><Message>Slow</Message></member></Failed></R>");
        using var http = new HttpClient(sent) { BaseAddress = new Uri("http://sns/") };

        var refused = await new SnsTopic(http, Arn).PublishBatchAsync(
            [.. new[] { "1", "2", "3" }.Select(id => new SnsMessage(id, "x", "g", new Dictionary<string, string>()))],
            TestContext.Current.CancellationToken);

        Assert.Equal(["2", "3"], refused.Keys.Order());
        Assert.Equal("Throttled Slow", refused["2"]);
    }

    private static IConfiguration Configuration(string? arn) =>
        new ConfigurationBuilder().AddInMemoryCollection([new("Events:TopicArn", arn)]).Build();

    private sealed class Sent(string answer) : HttpMessageHandler
    {
        public Dictionary<string, Microsoft.Extensions.Primitives.StringValues> Form { get; private set; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Form = QueryHelpers.ParseQuery(await request.Content!.ReadAsStringAsync(cancellationToken));
            return new HttpResponseMessage { Content = new StringContent(answer) };
        }
    }
}
