using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.Logs;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>
/// Two zones, each with three subnets: the load balancer is public; services reach out (to the sign-in and to AWS) by a NAT gateway; the
/// database has no way out at all. What goes to DynamoDB and S3 stays inside.
/// </summary>
public sealed class Network : Construct
{
    public Network(Construct scope)
        : base(scope, "Network")
    {
        Vpc = new Vpc(this, "Vpc", new VpcProps
        {
            MaxAzs = 2,
            NatGateways = 2,
            SubnetConfiguration =
            [
                new SubnetConfiguration { Name = "Public", SubnetType = SubnetType.PUBLIC, CidrMask = 24, MapPublicIpOnLaunch = false },
                new SubnetConfiguration { Name = "Services", SubnetType = SubnetType.PRIVATE_WITH_EGRESS, CidrMask = 20 },
                new SubnetConfiguration { Name = "Database", SubnetType = SubnetType.PRIVATE_ISOLATED, CidrMask = 24 },
            ],
            GatewayEndpoints = new Dictionary<string, IGatewayVpcEndpointOptions>
            {
                ["DynamoDb"] = new GatewayVpcEndpointOptions { Service = GatewayVpcEndpointAwsService.DYNAMODB, Subnets = [Services] },
                ["S3"] = new GatewayVpcEndpointOptions { Service = GatewayVpcEndpointAwsService.S3, Subnets = [Services] },
            },
            FlowLogs = new Dictionary<string, IFlowLogOptions>
            {
                ["Rejected"] = new FlowLogOptions
                {
                    TrafficType = FlowLogTrafficType.REJECT,
                    Destination = FlowLogDestination.ToCloudWatchLogs(new LogGroup(this, "Rejected", new LogGroupProps { Retention = RetentionDays.ONE_MONTH })),
                },
            },
        });
    }

    public static SubnetSelection Services { get; } = new() { SubnetType = SubnetType.PRIVATE_WITH_EGRESS };

    public static SubnetSelection Stores { get; } = new() { SubnetType = SubnetType.PRIVATE_ISOLATED };

    public Vpc Vpc { get; }

    /// <summary>A group that lets nobody in and nothing out; who may is said one by one.</summary>
    public SecurityGroup Closed(Construct scope, string id, string description) =>
        new(scope, id, new SecurityGroupProps { Vpc = Vpc, Description = description, AllowAllOutbound = false });
}
