using Amazon.CDK;
using Amazon.CDK.AWS.CertificateManager;
using Amazon.CDK.AWS.ECS.Patterns;

/// <summary>Settings for the load balancers of Aspire's CDK environment.</summary>
internal static class LoadBalancers
{
    /// <summary>Without it they ask for <c>/</c>, which the API does not have.</summary>
    public static void AskForHealth(ApplicationLoadBalancedFargateService service) =>
        service.TargetGroup.ConfigureHealthCheck(new Amazon.CDK.AWS.ElasticLoadBalancingV2.HealthCheck { Path = "/health" });

    /// <summary>The front end finds the API at the name of its load balancer, which no certificate is for: tokens do not leave the network.</summary>
    public static void KeepInside(ApplicationLoadBalancedFargateServiceProps service) => service.PublicLoadBalancer = false;

    /// <summary>
    /// By HTTP the cookies of the sign-in would be lost. The certificate is a parameter of the stack, whose value is found as those of Aspire are.
    /// </summary>
    public static void EndTls(ApplicationLoadBalancedFargateServiceProps service, Stack stack, string parameter)
    {
        var certificate = new CfnParameter(stack, $"Param-{parameter}", new CfnParameterProps
        {
            Description = "A certificate of ACM for the domain of the application, in the region of the stack",
            AllowedPattern = "^arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]+:certificate/.+$",
        });
        service.Certificate = Certificate.FromCertificateArn(stack, "Certificate", certificate.ValueAsString);
        service.ListenerPort = 443;
        service.RedirectHTTP = true;
        // Its pages, and who is signed in, are in the memory of the one.
        service.DesiredCount = 1;
    }
}
