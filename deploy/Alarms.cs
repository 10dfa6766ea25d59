using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.CloudWatch.Actions;
using Amazon.CDK.AWS.ElasticLoadBalancingV2;
using Amazon.CDK.AWS.Logs;
using Constructs;
using Cqrs.AspNetCore.Worker;

namespace ProductAspire.Deploy;

/// <summary>The alarms. Each names what is wrong; where to look is in deploy/README.md.</summary>
public sealed class Alarms : Construct
{
    /// <summary>The log category of the kernel's own alarms: a command was parked.</summary>
    public const string ParkedCategory = "Cqrs.Projection.LogAlarmPublisher";

    private const string Namespace = "ProductAspire";

    private static readonly Duration Minute = Duration.Minutes(1);
    private static readonly Duration LongestLag = Duration.Minutes(2);
    private static readonly Duration SlowAnswer = Duration.Seconds(2);

    private readonly SnsAction _tell;

    public Alarms(
        Construct scope,
        AlertTopic alerts,
        PublicLoadBalancer entrance,
        ApiService api,
        WebService web,
        WorkerService worker,
        SyncFunction sync,
        Database database)
        : base(scope, "Alarms")
    {
        _tell = new SnsAction(alerts.Topic);

        Tell("IteratorAge", "The read models are behind", Metric(sync, "IteratorAge"), LongestLag.ToMilliseconds(), minutes: 3);
        Tell("SyncErrors", "The function fails or runs out of time", Metric(sync, "Errors"), 0, minutes: 3);
        Tell("SyncHeld", "Batches of the stream are not projected and sent again", Held(sync.Log), 0, minutes: 3);
        Tell("GivenUp", "Commands were not projected and are not tried again", sync.Failures.MetricApproximateNumberOfMessagesVisible(Worst), 0);
        Tell("Parked", "A command was parked", Parked(api.Container.Log, worker.Container.Log, sync.Log), 0);

        Tell("BalancerErrors", "The load balancer itself answers 5xx", entrance.LoadBalancer.Metrics.HttpCodeElb(HttpCodeElb.ELB_5XX_COUNT, Sum), 5, minutes: 3);
        Tell("ApiErrors", "The API answers 5xx", entrance.Api.Metrics.HttpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, Sum), 5, minutes: 3);
        Tell("WebErrors", "The web answers 5xx", entrance.Web.Metrics.HttpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, Sum), 5, minutes: 3);
        Tell("ApiLatency", "One of a hundred requests to the API takes long", entrance.Api.Metrics.TargetResponseTime(Slowest), SlowAnswer.ToSeconds(), minutes: 5);
        Tell("ApiUnhealthy", "A replica of the API is unhealthy", entrance.Api.Metrics.UnhealthyHostCount(Worst), 0, minutes: 5);
        Tell("WebUnhealthy", "A replica of the web is unhealthy", entrance.Web.Metrics.UnhealthyHostCount(Worst), 0, minutes: 5);

        TellOfMissing("WorkerMissing", "The worker that owns schema and jobs does not run", RunningTasks(worker.Container), minutes: 5);
        Tell(
            "DatabaseFull", "The database is as large as it may become", database.Cluster.MetricServerlessDatabaseCapacity(Worst), Database.MaxCapacity - 1, minutes: 15);
    }

    private static MetricOptions Sum => new() { Statistic = Stats.SUM, Period = Minute };

    private static MetricOptions Worst => new() { Statistic = Stats.MAXIMUM, Period = Minute };

    private static MetricOptions Slowest => new() { Statistic = "p99", Period = Minute };

    private static Metric Metric(SyncFunction sync, string name) => sync.Function.Metric(name, name == "Errors" ? Sum : Worst);

    private static Metric RunningTasks(ContainerService service) => new(new MetricProps
    {
        Namespace = "ECS/ContainerInsights",
        MetricName = "RunningTaskCount",
        DimensionsMap = new Dictionary<string, string>
        {
            ["ClusterName"] = service.Service.Cluster.ClusterName,
            ["ServiceName"] = service.Service.ServiceName,
        },
        Statistic = Stats.MINIMUM,
        Period = Minute,
    });

    // A batch that is to be sent again is answered, and no error of the function.
    private Metric Held(LogGroup log) => new MetricFilter(this, "Held", new MetricFilterProps
    {
        LogGroup = log,
        FilterPattern = FilterPattern.All(
            FilterPattern.StringValue("$.Category", "=", typeof(BatchResponse).FullName!),
            FilterPattern.NumberValue("$.EventId", "=", PushedEventEndpoints.HeldEventId)),
        MetricNamespace = Namespace,
        MetricName = $"{Stack.Of(this).StackName}-Held",
        MetricValue = "1",
    }).Metric(Sum);

    // All that project may park: the function, a replay by the worker, a synchronous publish in the API.
    private Metric Parked(params LogGroup[] logs)
    {
        Metric? metric = null;
        foreach (var (index, log) in logs.Index())
        {
            metric = new MetricFilter(this, $"ParkedIn{index}", new MetricFilterProps
            {
                LogGroup = log,
                FilterPattern = FilterPattern.StringValue("$.Category", "=", ParkedCategory),
                MetricNamespace = Namespace,
                MetricName = $"{Stack.Of(this).StackName}-Parked",
                MetricValue = "1",
            }).Metric(Sum);
        }

        return metric!;
    }

    private void Tell(string id, string what, IMetric metric, double above, int minutes = 1) =>
        Add(id, what, metric, above, ComparisonOperator.GREATER_THAN_THRESHOLD, TreatMissingData.NOT_BREACHING, minutes);

    private void TellOfMissing(string id, string what, IMetric metric, int minutes) =>
        Add(id, what, metric, 1, ComparisonOperator.LESS_THAN_THRESHOLD, TreatMissingData.BREACHING, minutes);

    private void Add(string id, string what, IMetric metric, double threshold, ComparisonOperator comparison, TreatMissingData missing, int minutes)
    {
        var alarm = new Alarm(this, id, new AlarmProps
        {
            AlarmDescription = what,
            Metric = metric,
            Threshold = threshold,
            ComparisonOperator = comparison,
            TreatMissingData = missing,
            EvaluationPeriods = minutes,
        });
        alarm.AddAlarmAction(_tell);
        alarm.AddOkAction(_tell);
    }
}
