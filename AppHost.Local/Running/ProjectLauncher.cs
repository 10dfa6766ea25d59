using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace ProductAspire.Local.Running;

/// <summary>Runs what the build of a project made, in the folder of the project.</summary>
internal sealed class ProjectLauncher(ProjectResource resource, RunContext context) : ILauncher
{
    // The dotnet that runs this: the one a user has installed may be found under no name at all.
    private static readonly string Dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : Muxer();

    public async Task<LaunchSpec?> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var project = resource.Annotations.OfType<ILocalProjectMetadata>().Single();
        if (!File.Exists(project.AssemblyPath))
        {
            throw new DistributedApplicationException($"'{resource.Name}' is not built: there is no {project.AssemblyPath}.");
        }

        var environment = await EnvironmentOf.ResolveAsync(resource, context.Builder.ExecutionContext, cancellationToken);
        environment["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instance.Id}";
        if (instance.Number > 0)
        {
            // Aspire has a proxy share the one port out among replicas. Here the first replica has it, the others have their own.
            environment["ASPNETCORE_URLS"] = string.Join(';', instance.Urls);
        }

        return new LaunchSpec(Dotnet, [project.AssemblyPath], Path.GetDirectoryName(project.ProjectPath)!) { Environment = environment };
    }

    private static string Muxer()
    {
        // {root}/shared/Microsoft.NETCore.App/{version}/System.Private.CoreLib.dll
        var root = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var muxer = Path.GetFullPath(Path.Combine(root, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(muxer) ? muxer : "dotnet";
    }
}
