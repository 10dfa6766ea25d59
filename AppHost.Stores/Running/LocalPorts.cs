using System.Globalization;
using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ProductAspire.Stores.Running;

namespace ProductAspire.Stores;

/// <summary>Sets the ports that services have on this machine.</summary>
public static class LocalPorts
{
    /// <summary>
    /// Lets a service listen on the port of its launch profile itself, without the proxy of the orchestrator, which would cost each request. The
    /// environment variable <c>{NAME}_PORT</c> moves it. A service with replicas keeps the proxy.
    /// </summary>
    /// <returns>The builder of the service.</returns>
    public static IResourceBuilder<ProjectResource> WithLocalPort(this IResourceBuilder<ProjectResource> service)
    {
        var builder = service.ApplicationBuilder;
        if (builder.ExecutionContext.IsPublishMode)
        {
            return service;
        }

        var run = LocalRun.Of(builder);
        var variable = Variable(service.Resource);
        var given = builder.Configuration[variable];
        int? port = run.Settings.IsTemporary ? run.FreePort(service.Resource.Name) : null;
        if (given is { Length: > 0 })
        {
            var isPort = int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= IPEndPoint.MaxPort;
            port = isPort ? number : port;
            run.Require(service.Resource, isPort ? [] : [$"{variable} is '{given}'. It must be a port: a number from 1 to {IPEndPoint.MaxPort}."]);
        }

        return service.WithEndpoint("http", endpoint =>
        {
            endpoint.Port = port ?? endpoint.Port;
            endpoint.IsProxied = service.Resource.GetReplicaCount() > 1;
        });
    }

    internal static string Variable(IResource resource) => $"{resource.Name.Replace('-', '_').ToUpperInvariant()}_PORT";
}
