using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.AWS.DynamoDB;

namespace Aspire.Hosting;

public static class DynamoDBLocalResourceBuilderExtensions
{
    public static IResourceBuilder<DynamoDBLocalResource> AddAWSDynamoDBLocal(
        this IDistributedApplicationBuilder builder, string name, DynamoDBLocalOptions? options = null)
    {
        var resource = new DynamoDBLocalResource(name, options ?? new());
        var added = builder.AddResource(resource).WithEndpoint(port: resource.Options.Port, targetPort: 8000, scheme: "http");
        // A folder means: keep. Which one is for the container, whose DynamoDB Local has a version and a user of its own.
        return string.IsNullOrEmpty(resource.Options.LocalStorageDirectory) ? added : added.WithAnnotation(new KeepDataAnnotation());
    }

    /// <summary>Injects the endpoint, and waits for it. Nothing when published: there the SDK finds the service itself.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<DynamoDBLocalResource> dynamoDBLocalResourceBuilder)
        where TDestination : IResourceWithEnvironment
    {
        if (builder is IResourceBuilder<IResourceWithWaitSupport> waiting)
        {
            waiting.WaitFor(dynamoDBLocalResourceBuilder);
        }

        return builder.WithEnvironment(context =>
        {
            if (context.ExecutionContext.IsRunMode)
            {
                context.EnvironmentVariables["AWS_ENDPOINT_URL_DYNAMODB"] = dynamoDBLocalResourceBuilder.GetEndpoint("http");
            }
        });
    }
}
