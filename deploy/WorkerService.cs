using Amazon.CDK;
using Amazon.CDK.AWS.ECS;
using Amazon.CDK.AWS.IAM;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>
/// The worker that stays: it owns the schema of Postgres, does jobs and sweeps, replays commands when it is asked to, and forwards events. It reads no
/// stream. Jobs are claimed and leases fenced, so that two of it during a deployment do no harm.
/// </summary>
public sealed class WorkerService : Construct
{
    // The shell of the image has a wget. Healthy means migrated: what needs the schema is deployed after it.
    private static readonly HealthCheck Health = new()
    {
        Command = ["CMD-SHELL", $"wget -q -O /dev/null http://127.0.0.1:{ContainerService.Port}/health || exit 1"],
        Interval = Duration.Seconds(30),
        Timeout = Duration.Seconds(10),
        StartPeriod = Duration.Seconds(300),
        // A store that is down is waited for.
        Retries = 10,
    };

    public WorkerService(Platform platform, AlertTopic alerts)
        : base(platform, "Worker")
    {
        var environment = platform.StoreEnvironment("product-syncworker", poolSize: 20);
        environment["Alarms__TopicArn"] = alerts.Topic.TopicArn;
        if (platform.EventsTopicArn is { } events)
        {
            environment["Events__TopicArn"] = events;
        }

        Container = new ContainerService(this, platform, Images.Worker, new Size(Cpu: 512, MemoryMb: 1024, Min: 1, Max: 1), environment, Health);
        platform.Tables.Grant(Container.Role, Rights.Worker);
        platform.Database.Grant(Container.Service, Container.Role);
        alerts.GrantPublish(Container.Role);
        if (platform.EventsTopicArn is { } topic)
        {
            Container.Role.AddToPrincipalPolicy(new PolicyStatement(new PolicyStatementProps { Actions = ["sns:Publish"], Resources = [topic] }));
        }
    }

    public ContainerService Container { get; }
}
