using System.Globalization;
using System.Net;

/// <summary>Moves the ports of the services.</summary>
internal static class ServicePorts
{
    /// <summary>Sets the port that the variable <c>{NAME}_PORT</c> names. If it names none, this ends the process with one line that says so.</summary>
    public static void WithPortFromConfiguration(this IResourceBuilder<ProjectResource> service)
    {
        var variable = $"{service.Resource.Name.Replace('-', '_').ToUpperInvariant()}_PORT";
        if (service.ApplicationBuilder.Configuration[variable] is not { Length: > 0 } given)
        {
            return;
        }

        if (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is 0 or > IPEndPoint.MaxPort)
        {
            Console.Error.WriteLine($"{variable} is '{given}'. It must be a port: a number from 1 to {IPEndPoint.MaxPort}.");
            Environment.Exit(1);
        }

        service.WithEndpoint("http", endpoint => endpoint.Port = port);
    }
}
