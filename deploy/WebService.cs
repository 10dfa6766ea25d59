using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.ECS;
using Amazon.CDK.AWS.EFS;
using Amazon.CDK.AWS.IAM;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>
/// Product.Web. A visitor stays with one replica (Blazor Server keeps its pages, and the tokens, in memory). All replicas share the keys of their cookies in a
/// folder of their own, so that who loses a replica is signed in again by the provider without being asked.
/// </summary>
public sealed class WebService : Construct
{
    private const string KeysVolume = "keys";
    private const string KeysFolder = "/keys";

    // The user without rights of the image: APP_UID.
    private const string AppUser = "1654";

    public WebService(Platform platform, Identity identity, ApiService api)
        : base(platform, "Web")
    {
        var environment = platform.CommonEnvironment("product-web");
        environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        environment["services__product-api__http__0"] = ApiService.Url;
        environment["Authentication__Schemes__OpenIdConnect__Authority"] = identity.Authority;
        environment["Authentication__Schemes__OpenIdConnect__ClientId"] = identity.Client.UserPoolClientId;
        environment["Authentication__Schemes__OpenIdConnect__ApiToken"] = "id_token";
        environment["DataProtection__KeysFolder"] = KeysFolder;
        Container = new ContainerService(
            this, platform, Images.Web, new Size(Cpu: 512, MemoryMb: 1024, Min: 2, Max: 10), environment, connect: new ServiceConnectProps());
        Container.Service.Node.AddDependency(api.Container.Deployed);
        api.Container.Service.Connections.AllowFrom(Container.Service, Port.Tcp(ContainerService.Port));
        ShareKeys(platform.Network);
    }

    public ContainerService Container { get; }

    private void ShareKeys(Network network)
    {
        var files = new Amazon.CDK.AWS.EFS.FileSystem(this, "Keys", new FileSystemProps
        {
            Vpc = network.Vpc,
            VpcSubnets = Network.Stores,
            SecurityGroup = network.Closed(this, "KeysSecurity", "Keys of Product.Web"),
            Encrypted = true,
            // Nobody else, whatever their own rights: who reads the keys can sign anybody in.
            FileSystemPolicy = new PolicyDocument(new PolicyDocumentProps
            {
                Statements =
                [
                    new PolicyStatement(new PolicyStatementProps
                    {
                        Principals = [Container.Role],
                        Actions = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
                        Conditions = new Dictionary<string, object>
                        {
                            ["Bool"] = new Dictionary<string, object> { ["elasticfilesystem:AccessedViaMountTarget"] = "true", ["aws:SecureTransport"] = "true" },
                        },
                    }),
                ],
            }),
            RemovalPolicy = Amazon.CDK.RemovalPolicy.DESTROY,
        });
        var folder = files.AddAccessPoint("Folder", new AccessPointOptions
        {
            Path = "/product-web",
            CreateAcl = new Acl { OwnerUid = AppUser, OwnerGid = AppUser, Permissions = "700" },
            PosixUser = new PosixUser { Uid = AppUser, Gid = AppUser },
        });
        Container.Task.AddVolume(new Amazon.CDK.AWS.ECS.Volume
        {
            Name = KeysVolume,
            EfsVolumeConfiguration = new EfsVolumeConfiguration
            {
                FileSystemId = files.FileSystemId,
                TransitEncryption = "ENABLED",
                AuthorizationConfig = new AuthorizationConfig { AccessPointId = folder.AccessPointId, Iam = "ENABLED" },
            },
        });
        Container.Container.AddMountPoints(new MountPoint { ContainerPath = KeysFolder, SourceVolume = KeysVolume, ReadOnly = false });
        files.Connections.AllowDefaultPortFrom(Container.Service);
        Container.Service.Node.AddDependency(files.MountTargetsAvailable);
    }
}
