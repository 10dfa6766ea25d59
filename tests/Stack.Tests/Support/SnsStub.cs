using System.Collections.Concurrent;
using System.Globalization;
using System.Security;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace StackTests.Support;

/// <summary>A message as a topic has taken it.</summary>
public sealed record SnsReceived(string Topic, string? Subject, string Body, IReadOnlyDictionary<string, string> Attributes)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public long Id => Json["id"]!.GetValue<long>();
}

internal enum SnsFate
{
    Take,

    /// <summary>Answers that it cannot now.</summary>
    Refuse,

    /// <summary>Takes it, and the answer is lost.</summary>
    LoseAnswer,

    /// <summary>Never answers.</summary>
    Hang,
}

/// <summary>Plays the two actions of SNS that the application uses, and fails as a test tells it to.</summary>
internal sealed class SnsStub : IAsyncDisposable
{
    public const string EventTopic = "arn:aws:sns:eu-central-1:000000000000:events";
    public const string AlarmTopic = "arn:aws:sns:eu-west-1:000000000000:alarms";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<SnsReceived> _received = new();
    private readonly ConcurrentDictionary<string, int> _inHand = new();

    private SnsStub(WebApplication app)
    {
        _app = app;
        app.Run(AnswerAsync);
    }

    public Uri Endpoint => new(_app.Urls.Single());

    /// <summary>What becomes of a request, by its topic and all that it says.</summary>
    public Func<string, string, SnsFate> Decide { get; set; } = (_, _) => SnsFate.Take;

    /// <summary>Which messages of a batch are not taken.</summary>
    public Func<JsonNode, bool> Spurns { get; set; } = _ => false;

    /// <summary>The Authorization header of the last request of each topic.</summary>
    public ConcurrentDictionary<string, string> Authorizations { get; } = new();

    /// <summary>How many requests there were for a topic.</summary>
    public ConcurrentDictionary<string, int> Requests { get; } = new();

    /// <summary>The topics that two requests came for at once.</summary>
    public ConcurrentBag<string> Overlaps { get; } = [];

    /// <summary>What was taken, in order, repeats too.</summary>
    public IReadOnlyList<SnsReceived> Of(string topic) => [.. _received.Where(received => received.Topic == topic)];

    public IReadOnlyList<SnsReceived> Of(string topic, string tenant) =>
        [.. Of(topic).Where(received => received.Attributes.GetValueOrDefault("tenantCode") == tenant)];

    public static async Task<SnsStub> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var stub = new SnsStub(builder.Build());
        await stub._app.StartAsync(cancellationToken);
        return stub;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var topic = form["TopicArn"].ToString();
        Authorizations[topic] = context.Request.Headers.Authorization.ToString();
        Requests.AddOrUpdate(topic, 1, (_, count) => count + 1);
        if (_inHand.AddOrUpdate(topic, 1, (_, count) => count + 1) > 1)
        {
            Overlaps.Add(topic);
        }

        try
        {
            await AnswerAsync(context, form, topic);
        }
        finally
        {
            _inHand.AddOrUpdate(topic, 0, (_, count) => count - 1);
        }
    }

    private async Task AnswerAsync(HttpContext context, IFormCollection form, string topic)
    {
        switch (Decide(topic, string.Join('\n', form.Select(field => field.Value.ToString()))))
        {
            case SnsFate.Hang:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            case SnsFate.Refuse:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                await context.Response.WriteAsync("<ErrorResponse><Error><Code>ServiceUnavailable</Code></Error></ErrorResponse>");
                return;
            case SnsFate.LoseAnswer:
                Take(form, topic);
                context.Abort();
                return;
            default:
                context.Response.ContentType = "text/xml";
                await context.Response.WriteAsync(Take(form, topic));
                return;
        }
    }

    private string Take(IFormCollection form, string topic)
    {
        if (form["Action"] == "Publish")
        {
            _received.Enqueue(new SnsReceived(topic, form["Subject"], form["Message"].ToString(), new Dictionary<string, string>()));
            return Answer("Publish", "<MessageId>1</MessageId>");
        }

        Assert.Equal("PublishBatch", form["Action"]);
        var (taken, spurned) = ("", "");
        for (var n = 1; form.ContainsKey($"PublishBatchRequestEntries.member.{n}.Id"); n++)
        {
            var member = string.Create(CultureInfo.InvariantCulture, $"PublishBatchRequestEntries.member.{n}");
            var id = SecurityElement.Escape(form[$"{member}.Id"].ToString());
            var received = new SnsReceived(topic, null, form[$"{member}.Message"].ToString(), AttributesOf(form, member));
            if (Spurns(received.Json))
            {
                spurned += $"<member><Id>{id}</Id><Code>InternalError</Code><Message>Not now</Message><SenderFault>false</SenderFault></member>";
                continue;
            }

            _received.Enqueue(received);
            taken += $"<member><Id>{id}</Id><MessageId>{n}</MessageId></member>";
        }

        return Answer("PublishBatch", $"<Successful>{taken}</Successful><Failed>{spurned}</Failed>");
    }

    private static Dictionary<string, string> AttributesOf(IFormCollection form, string member)
    {
        var attributes = new Dictionary<string, string>();
        for (var n = 1; form.TryGetValue($"{member}.MessageAttributes.entry.{n}.Name", out var name); n++)
        {
            Assert.Equal("String", form[$"{member}.MessageAttributes.entry.{n}.Value.DataType"]);
            attributes[name.ToString()] = form[$"{member}.MessageAttributes.entry.{n}.Value.StringValue"].ToString();
        }

        return attributes;
    }

    private static string Answer(string action, string result) =>
        $"""
         <{action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><{action}Result>{result}</{action}Result>
         <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>
         """;
}
