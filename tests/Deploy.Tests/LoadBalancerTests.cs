using Amazon.CDK;
using Amazon.CDK.AWS.ECS;
using Amazon.CDK.AWS.ECS.Patterns;

namespace DeployTests;

/// <summary>What Aspire's CDK environment is told of its load balancers, by <c>PUBLISH_TO=aws aspire deploy</c>.</summary>
public sealed class LoadBalancerTests(Synthesis synthesis)
{
    [Fact]
    public void Services_are_asked_for_their_health_where_they_tell_it() => Assert.All(
        Synthesize(LoadBalancers.KeepInside, LoadBalancers.AskForHealth).Of("AWS::ElasticLoadBalancingV2::TargetGroup"),
        group => Assert.Equal("/health", group.Text("HealthCheckPath")));

    [Fact]
    public void The_API_is_reached_from_inside_the_network_only() => Assert.Equal(
        "internal", Synthesize(LoadBalancers.KeepInside, _ => { }).Single("AWS::ElasticLoadBalancingV2::LoadBalancer").Text("Scheme"));

    [Fact]
    public void The_front_end_is_reached_by_TLS_with_a_certificate_that_is_asked_for()
    {
        var template = Synthesize(props => LoadBalancers.EndTls(props, Stack.Of(props.Cluster!), "web-certificate-arn"), _ => { });

        var listeners = template.Of("AWS::ElasticLoadBalancingV2::Listener").ToDictionary(listener => listener["Port"]!.GetValue<int>());
        Assert.Equal([80, 443], listeners.Keys.Order());
        Assert.Equal("redirect", listeners[80]["DefaultActions"]![0]!["Type"]!.GetValue<string>());
        Assert.Equal("HTTPS", listeners[443].Text("Protocol"));
        // Under that name Aspire's deployment looks for its value, Parameters:web-certificate-arn.
        Assert.Equal("Paramwebcertificatearn", Template.Target(listeners[443]["Certificates"]![0]!["CertificateArn"]));
        Assert.Equal(1, template.Single("AWS::ECS::Service")["DesiredCount"]!.GetValue<int>());
    }

    private Template Synthesize(Action<ApplicationLoadBalancedFargateServiceProps> choose, Action<ApplicationLoadBalancedFargateService> finish) =>
        synthesis.Synthesize("Aspire", app =>
        {
            var stack = new Stack(app, "Aspire");
            var props = new ApplicationLoadBalancedFargateServiceProps
            {
                Cluster = new Cluster(stack, "Cluster"),
                TaskImageOptions = new ApplicationLoadBalancedTaskImageOptions { Image = ContainerImage.FromRegistry("service"), ContainerPort = 8080 },
            };
            choose(props);
            // What the environment chooses if nobody else has.
            props.ListenerPort ??= 80;
            props.DesiredCount ??= 2;
            props.PublicLoadBalancer ??= true;
            finish(new ApplicationLoadBalancedFargateService(stack, "Service", props));
        });
}
