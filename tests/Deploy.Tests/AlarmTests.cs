using System.Text.Json.Nodes;
using Cqrs.AspNetCore.Worker;
using Cqrs.Projection;

namespace DeployTests;

/// <summary>What people are told of.</summary>
public sealed class AlarmTests(Synthesis synthesis)
{
    private Template Template => synthesis.Template;

    private Resource Topic => Template.Single("AWS::SNS::Topic");

    [Theory]
    [InlineData("AWS/Lambda", "IteratorAge")]
    [InlineData("AWS/Lambda", "Errors")]
    [InlineData("AWS/SQS", "ApproximateNumberOfMessagesVisible")]
    [InlineData("ProductAspire", "ProductAspire-Held")]
    [InlineData("ProductAspire", "ProductAspire-Parked")]
    [InlineData("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count")]
    [InlineData("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count")]
    [InlineData("AWS/ApplicationELB", "TargetResponseTime")]
    [InlineData("AWS/ApplicationELB", "UnHealthyHostCount")]
    [InlineData("ECS/ContainerInsights", "RunningTaskCount")]
    [InlineData("AWS/RDS", "ServerlessDatabaseCapacity")]
    public void There_is_an_alarm_on(string @namespace, string metric)
    {
        var alarms = Template.Of("AWS::CloudWatch::Alarm").Where(alarm => alarm.Text("MetricName") == metric).ToList();

        Assert.NotEmpty(alarms);
        Assert.All(alarms, alarm => Assert.Equal(@namespace, alarm.Text("Namespace")));
    }

    [Fact]
    public void Every_alarm_tells_people_when_it_begins_and_when_it_is_over() => Assert.All(Template.Of("AWS::CloudWatch::Alarm"), alarm =>
    {
        Assert.Equal(Topic.Id, Template.Target(Assert.Single(alarm["AlarmActions"]!.AsArray())));
        Assert.Equal(Topic.Id, Template.Target(Assert.Single(alarm["OKActions"]!.AsArray())));
        Assert.NotEmpty(alarm.Text("AlarmDescription"));
    });

    [Fact]
    public void A_parked_command_is_found_in_the_log_of_whoever_parks_it()
    {
        var filters = Filters("ProductAspire-Parked").ToList();

        Assert.Equal(3, filters.Select(filter => Template.Target(filter["LogGroupName"])).Distinct().Count());
        // The class that writes the line, under whose name it stands in the log.
        var category = typeof(IAlarmPublisher).Assembly.GetType("Cqrs.Projection.LogAlarmPublisher", throwOnError: true)!.FullName;
        Assert.All(filters, filter => Assert.Equal($$"""{ $.Category = "{{category}}" }""", filter.Text("FilterPattern")));
    }

    // A batch that is to be sent again is answered, which is no error of the function.
    [Fact]
    public void A_batch_that_is_held_is_found_in_the_log_of_the_function()
    {
        var filter = Assert.Single(Filters("ProductAspire-Held"));

        Assert.Equal(Template.Target(Template.Single("AWS::Lambda::Function")["LoggingConfig"]!["LogGroup"]), Template.Target(filter["LogGroupName"]));
        Assert.Equal(
            $$"""{ ($.Category = "{{typeof(BatchResponse).FullName}}") && ($.EventId = {{PushedEventEndpoints.HeldEventId}}) }""", filter.Text("FilterPattern"));
    }

    [Fact]
    public void Who_projects_tells_people_itself_what_was_parked()
    {
        Assert.Contains(Topic.Id, Template.EnvironmentOf("PlatformWorker")["Alarms__TopicArn"], StringComparison.Ordinal);
        Assert.Equal(Topic.Id, Template.Target(Template.Single("AWS::Lambda::Function")["Environment"]!["Variables"]!["Alarms__TopicArn"]));
        var publishers = Template.Statements()
            .Where(statement => statement.Owner.Type == "AWS::IAM::Policy" && statement.Actions.Contains("sns:Publish"))
            .Select(statement => statement.Owner.Id);
        Assert.Equal(2, publishers.Distinct().Count());
    }

    [Fact]
    public void The_topic_is_encrypted_with_a_key_that_CloudWatch_may_use()
    {
        var key = Template.Named(Topic["KmsMasterKeyId"]);

        Assert.True(key.IsTrue("EnableKeyRotation"));
        Assert.Contains(OfCloudWatch(), statement => statement.Owner == key && statement.Actions.Contains("kms:GenerateDataKey"));
    }

    [Fact]
    public void CloudWatch_uses_topic_and_key_for_alarms_of_this_account_only()
    {
        Assert.Equal(["AWS::KMS::Key", "AWS::SNS::TopicPolicy"], OfCloudWatch().Select(statement => statement.Owner.Type).Order(StringComparer.Ordinal));
        Assert.All(
            OfCloudWatch(),
            statement => Assert.Equal("AWS::AccountId", Template.Target(statement.Json["Condition"]?["StringEquals"]?["aws:SourceAccount"])));
    }

    [Fact]
    public void Whoever_is_named_gets_them_by_mail()
    {
        Assert.Empty(Template.Of("AWS::SNS::Subscription"));
        var template = synthesis.Synthesize(new ProductAspire.Deploy.Settings { StackName = "Watched", AlarmEmail = "ops@example.com" });
        Assert.Equal("ops@example.com", template.Single("AWS::SNS::Subscription").Text("Endpoint"));
    }

    private IEnumerable<Resource> Filters(string metric) => Template.Of("AWS::Logs::MetricFilter")
        .Where(filter => filter["MetricTransformations"]![0]!["MetricName"]!.GetValue<string>() == metric);

    private IEnumerable<Statement> OfCloudWatch() =>
        Template.Statements().Where(statement => (statement.Json["Principal"] as JsonObject)?["Service"]?.GetValue<string>() == "cloudwatch.amazonaws.com");
}
