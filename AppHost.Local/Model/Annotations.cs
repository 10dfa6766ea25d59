namespace Aspire.Hosting.ApplicationModel;

/// <summary>Do not start before that resource is healthy.</summary>
public class WaitAnnotation(IResource resource) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;
}

public class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    public int Replicas { get; } = replicas;
}

/// <summary>Healthy means: a GET of this path is answered with this status.</summary>
internal sealed record HttpHealthCheckAnnotation(string Path, int StatusCode, string EndpointName) : IResourceAnnotation;

/// <summary>What the resource stored in an earlier run is kept; without it, the resource starts empty.</summary>
internal sealed record KeepDataAnnotation : IResourceAnnotation;
