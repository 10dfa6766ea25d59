using System.Text.Json.Nodes;

namespace DeployTests;

/// <summary>The projection on Lambda.</summary>
public sealed class SyncFunctionTests(Synthesis synthesis)
{
    private Template Template => synthesis.Template;

    private Resource Function => Template.Single("AWS::Lambda::Function");

    private JsonNode Variables => Function["Environment"]!["Variables"]!;

    [Fact]
    public void Every_stream_is_read_from_its_beginning_by_a_mapping_of_its_own()
    {
        var streams = Template.Of("AWS::DynamoDB::Table").Where(table => table["StreamSpecification"] is not null).Select(table => table.Id);

        Assert.Equal(streams, Template.Of("AWS::Lambda::EventSourceMapping").Select(mapping => Template.Target(mapping["EventSourceArn"])));
    }

    [Fact]
    public void A_batch_that_fails_is_narrowed_down_and_tried_again_while_the_stream_keeps_it_and_then_reported()
    {
        var mapping = Template.Single("AWS::Lambda::EventSourceMapping");

        Assert.Equal(Function.Id, Template.Target(mapping["FunctionName"]));
        Assert.Equal("TRIM_HORIZON", mapping.Text("StartingPosition"));
        Assert.Equal(500, mapping["BatchSize"]!.GetValue<int>());
        Assert.Equal(0, mapping["MaximumBatchingWindowInSeconds"]!.GetValue<int>());
        Assert.Equal(4, mapping["ParallelizationFactor"]!.GetValue<int>());
        Assert.True(mapping.IsTrue("BisectBatchOnFunctionError"));
        Assert.Equal(["ReportBatchItemFailures"], mapping["FunctionResponseTypes"]!.AsArray().Select(type => type!.GetValue<string>()));
        Assert.Equal(10_000, mapping["MaximumRetryAttempts"]!.GetValue<int>());
        Assert.InRange(mapping["MaximumRecordAgeInSeconds"]!.GetValue<int>(), 12 * 3600, (24 * 3600) - 1);
        var queue = Template.Named(mapping["DestinationConfig"]!["OnFailure"]!["Destination"]);
        Assert.Equal("AWS::SQS::Queue", queue.Type);
        Assert.True(queue.IsTrue("SqsManagedSseEnabled"));
        Assert.Equal(14 * 24 * 3600, queue["MessageRetentionPeriod"]!.GetValue<int>());
    }

    [Fact]
    public void It_is_the_image_of_the_worker_and_projects_what_is_pushed_and_nothing_else()
    {
        Assert.Equal("Image", Function.Text("PackageType"));
        Assert.Equal(
            Template.Flat(Template.In("PlatformWorker", "AWS::ECS::TaskDefinition")["ContainerDefinitions"]![0]!["Image"]),
            Template.Flat(Function["Code"]!["ImageUri"]));
        Assert.Equal("true", Variables["Worker__PushedOnly"]!.GetValue<string>());
        Assert.Equal("true", Variables["Events__Enabled"]!.GetValue<string>());
    }

    [Fact]
    public void The_worker_that_stays_reads_no_streams_and_takes_no_events()
    {
        foreach (var service in new[] { "PlatformWorker", "PlatformApi" })
        {
            Assert.Equal("false", Template.EnvironmentOf(service)["Stream__ReadsShards"]);
            Assert.DoesNotContain("Events__Enabled", Template.EnvironmentOf(service).Keys);
            Assert.DoesNotContain("Worker__PushedOnly", Template.EnvironmentOf(service).Keys);
        }
    }

    [Fact]
    public void It_comes_after_the_worker_that_migrates()
    {
        var worker = Template.In("PlatformWorker", "AWS::ECS::Service").Id;

        Assert.True(Function.DependsOn(worker));
        Assert.True(Template.In("PlatformApi", "AWS::ECS::Service").DependsOn(worker));
        Assert.True(Template.In("PlatformWeb", "AWS::ECS::Service").DependsOn(Template.In("PlatformApi", "AWS::ECS::Service").Id));
    }
}
