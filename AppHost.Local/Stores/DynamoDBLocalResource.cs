using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.AWS.DynamoDB;

public interface IDynamoDBLocalResource : IResourceWithEnvironment, IResourceWithEndpoints;

/// <summary>DynamoDB Local.</summary>
public sealed class DynamoDBLocalResource(string name, DynamoDBLocalOptions options) : ContainerResource(name), IDynamoDBLocalResource
{
    internal DynamoDBLocalOptions Options { get; } = options;
}
