using Amazon.CDK;
using Amazon.CDK.AWS.ElasticLoadBalancingV2;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>The load balancer: the only thing that the world reaches. It ends TLS, and answers to the one domain alone.</summary>
public sealed class PublicLoadBalancer : Construct
{
    // As long as the cookie of a signed-in user.
    private static readonly Duration Stay = Duration.Hours(8);

    public PublicLoadBalancer(Construct scope, Network network, Address address, ApiService api, WebService web)
        : base(scope, "PublicLoadBalancer")
    {
        LoadBalancer = new ApplicationLoadBalancer(this, "LoadBalancer", new ApplicationLoadBalancerProps
        {
            Vpc = network.Vpc,
            InternetFacing = true,
            DropInvalidHeaderFields = true,
            DeletionProtection = true,
            // Event streams say something every 15 seconds.
            IdleTimeout = Duration.Seconds(120),
        });
        LoadBalancer.AddRedirect();
        var https = LoadBalancer.AddListener("Https", new BaseApplicationListenerProps
        {
            Port = 443,
            Certificates = [ListenerCertificate.FromArn(address.Certificate.CertificateArn)],
            SslPolicy = SslPolicy.RECOMMENDED_TLS,
            DefaultAction = ListenerAction.FixedResponse(404),
        });
        Api = https.AddTargets("Api", new AddApplicationTargetsProps
        {
            Priority = 10,
            Conditions = [ListenerCondition.HostHeaders([address.Domain]), ListenerCondition.PathPatterns(["/api/*"])],
            Targets = [api.Container.Service],
            Port = ContainerService.Port,
            Protocol = ApplicationProtocol.HTTP,
            HealthCheck = Health,
            DeregistrationDelay = Duration.Seconds(30),
        });
        Web = https.AddTargets("Web", new AddApplicationTargetsProps
        {
            Priority = 20,
            Conditions = [ListenerCondition.HostHeaders([address.Domain])],
            Targets = [web.Container.Service],
            Port = ContainerService.Port,
            Protocol = ApplicationProtocol.HTTP,
            HealthCheck = Health,
            StickinessCookieDuration = Stay,
            DeregistrationDelay = Duration.Seconds(30),
        });
    }

    public ApplicationLoadBalancer LoadBalancer { get; }

    public ApplicationTargetGroup Api { get; }

    public ApplicationTargetGroup Web { get; }

    private static HealthCheck Health => new()
    {
        Path = "/health",
        Interval = Duration.Seconds(15),
        Timeout = Duration.Seconds(5),
        HealthyThresholdCount = 2,
        UnhealthyThresholdCount = 4,
    };
}
