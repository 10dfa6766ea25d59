using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace ProductAspire.Local.Running;

/// <summary>Gives every endpoint its port: the one the model asks for, else any free one. Under test: any free one.</summary>
internal sealed class PortPlan(RunContext context, Ports ports)
{
    public void Allocate(IEnumerable<IResource> resources)
    {
        var taken = new List<string>();
        foreach (var resource in resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                var port = Choose(resource, endpoint);
                endpoint.AllocatedEndpoint = new(endpoint, endpoint.TargetHost, port);
                if (endpoint.Port == port && !Ports.IsFree(port))
                {
                    taken.Add($"'{resource.Name}' needs port {port}, which another program has. {Cure(resource)}");
                }
            }
        }

        if (taken.Count > 0)
        {
            throw new DistributedApplicationException(string.Join(Environment.NewLine, taken));
        }
    }

    private int Choose(IResource resource, EndpointAnnotation endpoint) =>
        context.IsTest ? ports.TakeFree() : endpoint.Port ?? ports.TakeFree($"{context.State.Own}/{resource.Name}/{endpoint.Name}");

    // The AppHost reads these variables for its projects; the port of a store is written in it.
    private static string Cure(IResource resource) => resource is ProjectResource
        ? $"End that program, or set {resource.Name.Replace('-', '_').ToUpperInvariant()}_PORT to another port."
        : "End that program, or choose another port in AppHost.cs.";
}
