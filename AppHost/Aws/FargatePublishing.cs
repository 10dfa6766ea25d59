using Amazon.CDK;
using Aspire.Hosting.AWS.Deployment;

internal static partial class Publishing
{
    static partial void AddFargate(
        IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> worker,
        IResourceBuilder<ProjectResource> api,
        IResourceBuilder<ProjectResource> web,
        ref bool isAdded)
    {
        isAdded = true;
        // A manifest has no word for it but an error.
        builder.AddAWSCDKEnvironment("aws", CDKDefaultsProviderFactory.Preview_V1).ExcludeFromManifest();
        worker.PublishAsECSFargateService();
        api.PublishAsECSFargateServiceWithALB(new PublishECSFargateServiceWithALBConfig
        {
            PropsApplicationLoadBalancedFargateServiceCallback = (_, service) => LoadBalancers.KeepInside(service),
            ConstructApplicationLoadBalancedFargateServiceCallback = (_, service) => LoadBalancers.AskForHealth(service),
        });
        web.PublishAsECSFargateServiceWithALB(new PublishECSFargateServiceWithALBConfig
        {
            PropsApplicationLoadBalancedFargateServiceCallback = (context, service) =>
                LoadBalancers.EndTls(service, context.GetDeploymentStack<Stack>(), Certificate),
            ConstructApplicationLoadBalancedFargateServiceCallback = (_, service) => LoadBalancers.AskForHealth(service),
        });
    }
}
