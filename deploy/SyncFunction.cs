using Amazon.CDK;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.Lambda.EventSources;
using Amazon.CDK.AWS.Logs;
using Amazon.CDK.AWS.SQS;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>
/// The projection: Lambda reads the streams of the command tables and posts each batch to the worker's own <c>/events</c>, in the same image, by the Lambda
/// Web Adapter. The function does nothing in between.
/// </summary>
public sealed class SyncFunction : Construct
{
    private const int BatchSize = 500;

    // Batches of one shard at once. Records of one item still come one after the other, and the projection goes by versions anyway.
    private const int ParallelBatches = 4;

    // A command at fault is parked by the function and fails no batch. What does is a store that is down: it is waited for as long as the stream
    // keeps what was not projected, but for a margin in which somebody can look.
    private const int MostRetries = 10_000;

    private static readonly Duration LongestWait = Duration.Hours(20);
    private static readonly Duration Timeout = Duration.Minutes(2);

    public SyncFunction(Platform platform, AlertTopic alerts)
        : base(platform, "Sync")
    {
        Failures = new Queue(this, "Failures", new QueueProps
        {
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(14),
        });
        Log = new LogGroup(this, "Log", new LogGroupProps { Retention = RetentionDays.ONE_MONTH, RemovalPolicy = RemovalPolicy.DESTROY });
        Function = new DockerImageFunction(this, "Function", new DockerImageFunctionProps
        {
            Description = "Projects commands into the read models",
            Code = Images.Function(Images.Worker),
            Architecture = Architecture.ARM_64,
            // At this size a function has one core.
            MemorySize = 1769,
            Timeout = Timeout,
            Vpc = platform.Network.Vpc,
            VpcSubnets = Network.Services,
            Environment = new Dictionary<string, string>(platform.StoreEnvironment("product-sync", poolSize: 5))
            {
                ["Worker__PushedOnly"] = "true",
                ["Events__Enabled"] = "true",
                ["Alarms__TopicArn"] = alerts.Topic.TopicArn,
            },
            LogGroup = Log,
        });
        foreach (var table in platform.Tables.Commands)
        {
            Function.AddEventSource(new DynamoEventSource(table, new DynamoEventSourceProps
            {
                StartingPosition = StartingPosition.TRIM_HORIZON,
                BatchSize = BatchSize,
                // Nobody waits longer for a batch to fill up: under load it is full anyway.
                MaxBatchingWindow = Duration.Seconds(0),
                ParallelizationFactor = ParallelBatches,
                BisectBatchOnError = true,
                ReportBatchItemFailures = true,
                RetryAttempts = MostRetries,
                MaxRecordAge = LongestWait,
                OnFailure = new SqsDlq(Failures),
            }));
        }

        platform.Tables.Grant(Function, Rights.Projection);
        platform.Database.Grant(Function, Function);
        alerts.GrantPublish(Function);
    }

    public DockerImageFunction Function { get; }

    public LogGroup Log { get; }

    /// <summary>Gets the position of what was given up, to be replayed from the command table.</summary>
    public Queue Failures { get; }
}
