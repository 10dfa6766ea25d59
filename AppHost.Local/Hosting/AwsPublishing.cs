using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.AWS.CloudFormation;

namespace Aspire.Hosting
{
    /// <summary>What only publishing needs: part of the model, but to publish it is Aspire's own business.</summary>
    public static class AwsPublishingExtensions
    {
        public static IResourceBuilder<ICloudFormationTemplateResource> AddAWSCloudFormationTemplate(
            this IDistributedApplicationBuilder builder, string name, string templatePath, string? stackName = null) =>
            builder.AddResource(new CloudFormationTemplateResource(name, templatePath));
    }
}

namespace Aspire.Hosting.AWS.CloudFormation
{
    public interface ICloudFormationTemplateResource : IResource
    {
        string TemplatePath { get; }
    }

    internal sealed class CloudFormationTemplateResource(string name, string templatePath) : Resource(name), ICloudFormationTemplateResource
    {
        public string TemplatePath { get; } = templatePath;
    }
}
