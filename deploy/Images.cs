using Amazon.CDK.AWS.Ecr.Assets;
using Amazon.CDK.AWS.ECS;
using Amazon.CDK.AWS.Lambda;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>The images of the services: built by <c>cdk deploy</c>. To synthesize, no Docker is needed.</summary>
public static class Images
{
    public const string Api = "Product.Api";
    public const string Worker = "Product.SyncWorker";
    public const string Web = "Product.Web";

    private const string Solution = "ProductAspire.sln";

    private static readonly string[] Services = [Api, Worker, Web];

    public static CpuArchitecture Architecture => CpuArchitecture.ARM64;

    /// <summary>The folder that the images are built from: <c>.dockerignore</c> says which part of it.</summary>
    public static string Root { get; } = FindRoot();

    public static ContainerImage Container(Construct scope, string service) => ContainerImage.FromDockerImageAsset(new DockerImageAsset(
        scope,
        "Image",
        new DockerImageAssetProps { Directory = Root, File = FileOf(service), Exclude = OthersThan(service), Platform = Platform_.LINUX_ARM64 }));

    public static DockerImageCode Function(string service) => DockerImageCode.FromImageAsset(
        Root,
        new AssetImageCodeProps { File = FileOf(service), Exclude = OthersThan(service), Platform = Platform_.LINUX_ARM64 });

    private static string FileOf(string service) => $"{service}/Dockerfile";

    // A change of one service is then no change of the others.
    private static string[] OthersThan(string service) => [.. Services.Where(other => other != service)];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has {Solution} in it.");
    }
}
