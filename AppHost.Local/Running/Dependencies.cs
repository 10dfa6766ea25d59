using Aspire.Hosting.ApplicationModel;

namespace ProductAspire.Local.Running;

/// <summary>Who waits for whom.</summary>
internal static class Dependencies
{
    public static IEnumerable<IResource> Of(IResource resource)
    {
        var awaited = resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource);
        return (resource is IResourceWithParent child ? awaited.Append(child.Parent) : awaited).Distinct();
    }

    /// <summary>The longest way down to a resource that waits for nothing.</summary>
    public static int Depth(IResource resource) => Of(resource).Select(Depth).DefaultIfEmpty(-1).Max() + 1;
}
