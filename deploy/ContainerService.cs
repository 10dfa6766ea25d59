using Amazon.CDK;
using Amazon.CDK.AWS.ECS;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Logs;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>How large a service is.</summary>
/// <param name="Cpu">Of 1024 that are a core.</param>
/// <param name="MemoryMb">Its memory.</param>
/// <param name="Min">How many run at least.</param>
/// <param name="Max">How many run at most; as many more come as the load on the processors needs.</param>
public sealed record Size(int Cpu, int MemoryMb, int Min, int Max);

/// <summary>A service on Fargate with a role and a log of its own. A version that does not become healthy is rolled back.</summary>
public sealed class ContainerService : Construct
{
    public const int Port = 8080;
    public const string PortName = "http";

    private const int CpuTarget = 60;

    /// <param name="scope">The construct that it is a part of.</param>
    /// <param name="platform">The cluster, network and stores.</param>
    /// <param name="image">Its project.</param>
    /// <param name="size">How large it is.</param>
    /// <param name="environment">Its environment variables.</param>
    /// <param name="health">Asked in the container, for a service that no load balancer asks.</param>
    /// <param name="connect">How other services find it, and whether it finds them.</param>
    public ContainerService(
        Construct scope,
        Platform platform,
        string image,
        Size size,
        Dictionary<string, string> environment,
        Amazon.CDK.AWS.ECS.IHealthCheck? health = null,
        ServiceConnectProps? connect = null)
        : base(scope, "Container")
    {
        Log = new LogGroup(this, "Log", new LogGroupProps { Retention = RetentionDays.ONE_MONTH, RemovalPolicy = RemovalPolicy.DESTROY });
        Task = new FargateTaskDefinition(this, "Task", new FargateTaskDefinitionProps
        {
            Cpu = size.Cpu,
            MemoryLimitMiB = size.MemoryMb,
            RuntimePlatform = new RuntimePlatform { CpuArchitecture = Images.Architecture, OperatingSystemFamily = OperatingSystemFamily.LINUX },
        });
        Container = Task.AddContainer("Service", new ContainerDefinitionOptions
        {
            Image = Images.Container(this, image),
            Environment = new Dictionary<string, string>(environment) { ["AWS_REGION"] = Stack.Of(this).Region },
            PortMappings = [new PortMapping { ContainerPort = Port, Name = PortName }],
            HealthCheck = health,
            Logging = LogDriver.AwsLogs(new AwsLogDriverProps { LogGroup = Log, StreamPrefix = image.ToLowerInvariant() }),
            StopTimeout = Duration.Seconds(60),
        });
        Service = new FargateService(this, "Service", new FargateServiceProps
        {
            Cluster = platform.Cluster,
            TaskDefinition = Task,
            VpcSubnets = Network.Services,
            AssignPublicIp = false,
            DesiredCount = size.Min == size.Max ? size.Min : null,
            MinHealthyPercent = 100,
            MaxHealthyPercent = 200,
            CircuitBreaker = new DeploymentCircuitBreaker { Rollback = true },
            ServiceConnectConfiguration = connect,
        });
        if (size.Max > size.Min)
        {
            Service.AutoScaleTaskCount(new Amazon.CDK.AWS.ApplicationAutoScaling.EnableScalingProps { MinCapacity = size.Min, MaxCapacity = size.Max })
                .ScaleOnCpuUtilization("Cpu", new CpuUtilizationScalingProps { TargetUtilizationPercent = CpuTarget });
        }
    }

    public FargateTaskDefinition Task { get; }

    public ContainerDefinition Container { get; }

    public FargateService Service { get; }

    public LogGroup Log { get; }

    /// <summary>Depend on it to come when the service runs and is healthy.</summary>
    public IConstruct Deployed => Service.Node.FindChild("Service");

    /// <summary>The role of the service itself.</summary>
    public IRole Role => Task.TaskRole;
}
