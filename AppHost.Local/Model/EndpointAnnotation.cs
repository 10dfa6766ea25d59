namespace Aspire.Hosting.ApplicationModel;

/// <summary>An address that a resource listens on.</summary>
public sealed class EndpointAnnotation(string name, string uriScheme, int? port, int? targetPort) : IResourceAnnotation
{
    public string Name { get; set; } = name;

    public string UriScheme { get; set; } = uriScheme;

    /// <summary>The port that is asked for; none: any free one.</summary>
    public int? Port { get; set; } = port;

    /// <summary>In Aspire the port inside the container. Here nothing stands between a client and the process: unused.</summary>
    public int? TargetPort { get; set; } = targetPort;

    public string TargetHost { get; set; } = "localhost";

    public bool IsExternal { get; set; }

    public AllocatedEndpoint? AllocatedEndpoint { get; set; }
}

/// <summary>The address an endpoint has in this run.</summary>
public class AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port)
{
    public EndpointAnnotation Endpoint { get; } = endpoint;

    public string Address { get; } = address;

    public int Port { get; } = port;

    public string UriString => $"{Endpoint.UriScheme}://{Address}:{Port}";
}
