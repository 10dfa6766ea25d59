using Amazon.CDK.AWS.ECS;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>The parts that the services share.</summary>
public sealed class Platform : Construct
{
    private readonly Settings _settings;

    public Platform(Construct scope, Settings settings, Network network, Tables tables, Database database)
        : base(scope, "Platform")
    {
        (_settings, Network, Tables, Database) = (settings, network, tables, database);
        Cluster = new Cluster(this, "Cluster", new ClusterProps { Vpc = network.Vpc, ContainerInsights = true });
        // Services find each other by name.
        Cluster.AddDefaultCloudMapNamespace(new CloudMapNamespaceOptions
        {
            Name = settings.StackName.ToLowerInvariant(),
            Type = Amazon.CDK.AWS.ServiceDiscovery.NamespaceType.HTTP,
            UseForServiceConnect = true,
        });
    }

    public Network Network { get; }

    public Tables Tables { get; }

    public Database Database { get; }

    public Cluster Cluster { get; }

    public string? EventsTopicArn => _settings.EventsTopicArn;

    /// <summary>The environment variables of every service.</summary>
    public Dictionary<string, string> CommonEnvironment(string service)
    {
        var environment = new Dictionary<string, string>();
        if (_settings.OtlpEndpoint is { } endpoint)
        {
            environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
            environment["OTEL_SERVICE_NAME"] = service;
        }

        return environment;
    }

    /// <summary>The environment variables of the services that use the stores.</summary>
    public Dictionary<string, string> StoreEnvironment(string service, int poolSize) => new(
    [
        .. CommonEnvironment(service),
        .. Database.Environment(poolSize),
        new("Tables__Prefix", _settings.TablePrefix),
        // The event source mapping does.
        new("Stream__ReadsShards", "false"),
    ]);
}
