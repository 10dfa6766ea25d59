using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.AWS.CloudFormation;
using Aspire.Hosting.AWS.Deployment;

namespace Aspire.Hosting
{
    /// <summary>What only publishing needs: part of the model, but to publish it is Aspire's own business.</summary>
    public static class AwsPublishingExtensions
    {
        public static IResourceBuilder<ICloudFormationTemplateResource> AddAWSCloudFormationTemplate(
            this IDistributedApplicationBuilder builder, string name, string templatePath, string? stackName = null) =>
            builder.AddResource(new CloudFormationTemplateResource(name));

        public static IResourceBuilder<AWSCDKEnvironmentResource> AddAWSCDKEnvironment(
            this IDistributedApplicationBuilder builder, string name, CDKDefaultsProviderFactory cdkDefaultsProviderFactory) =>
            builder.AddResource(new AWSCDKEnvironmentResource(name));

        public static IResourceBuilder<ProjectResource> PublishAsECSFargateService(this IResourceBuilder<ProjectResource> builder) => builder;

        public static IResourceBuilder<ProjectResource> PublishAsECSFargateServiceWithALB(this IResourceBuilder<ProjectResource> builder) => builder;
    }
}

namespace Aspire.Hosting.AWS.CloudFormation
{
    public interface ICloudFormationTemplateResource : IResource;

    internal sealed class CloudFormationTemplateResource(string name) : Resource(name), ICloudFormationTemplateResource;
}

namespace Aspire.Hosting.AWS.Deployment
{
    public sealed class CDKDefaultsProviderFactory
    {
        public static readonly CDKDefaultsProviderFactory Preview_V1 = new();

        private CDKDefaultsProviderFactory()
        {
        }
    }

    public sealed class AWSCDKEnvironmentResource(string name) : Resource(name);
}
