using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace ProductAspire.Local.Running;

/// <summary>Puts the environment of a resource together and looks up every value in it.</summary>
internal static class EnvironmentOf
{
    public static async Task<Dictionary<string, string>> ResolveAsync(
        IResource resource, DistributedApplicationExecutionContext execution, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(execution, resource, cancellationToken: cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
        {
            await annotation.Callback(context);
        }

        var environment = new Dictionary<string, string>(context.EnvironmentVariables.Count);
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            environment[name] = value switch
            {
                IManifestExpressionProvider placeholder when execution.IsPublishMode => placeholder.ValueExpression,
                IValueProvider provider => await provider.GetValueAsync(cancellationToken) ?? "",
                _ => value.ToString() ?? "",
            };
        }

        return environment;
    }
}
