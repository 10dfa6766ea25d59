using Amazon.CDK.AWS.ECS;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>Product.Api. The web finds it by its name.</summary>
public sealed class ApiService : Construct
{
    private const string Name = "product-api";

    public ApiService(Platform platform, Identity identity)
        : base(platform, "Api")
    {
        var environment = platform.StoreEnvironment(Name, poolSize: 50);
        environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        environment["Authentication__Schemes__Bearer__Authority"] = identity.Authority;
        environment["Authentication__Schemes__Bearer__ValidAudiences__0"] = identity.Client.UserPoolClientId;
        Container = new ContainerService(
            this,
            platform,
            Images.Api,
            new Size(Cpu: 1024, MemoryMb: 2048, Min: 2, Max: 10),
            environment,
            connect: new ServiceConnectProps
            {
                // Without a protocol it is a connection and no more: event streams and imports have no time limit.
                Services = [new ServiceConnectService { PortMappingName = ContainerService.PortName, DnsName = Name, Port = ContainerService.Port }],
            });
        platform.Tables.Grant(Container.Role, Rights.Api);
        platform.Database.Grant(Container.Service, Container.Role);
    }

    public ContainerService Container { get; }

    /// <summary>Where other services of the cluster find it.</summary>
    public static string Url => $"http://{Name}:{ContainerService.Port}";
}
