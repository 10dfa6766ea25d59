using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace ProductAspire.Local.Running;

/// <summary>Runs what the build of a project made, in the folder of the project.</summary>
internal sealed class ProjectLauncher(ProjectResource resource, RunContext context) : ILauncher
{
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

        return new LaunchSpec(Dotnet.Program, [project.AssemblyPath], Path.GetDirectoryName(project.ProjectPath)!) { Environment = environment };
    }
}
