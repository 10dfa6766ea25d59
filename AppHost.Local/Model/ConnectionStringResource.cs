using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>A connection to something outside of the application.</summary>
public sealed class ConnectionStringResource(string name, ReferenceExpression connectionStringExpression)
    : Resource(name), IResourceWithConnectionString, IResourceWithWaitSupport
{
    public ReferenceExpression ConnectionStringExpression { get; } = connectionStringExpression;
}
