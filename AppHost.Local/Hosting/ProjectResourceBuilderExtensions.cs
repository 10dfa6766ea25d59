using Aspire.Hosting.ApplicationModel;
using ProductAspire.Local.Running;

namespace Aspire.Hosting;

public static class ProjectResourceBuilderExtensions
{
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject());

    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) =>
        builder.WithAnnotation(new ReplicaAnnotation(replicas));

    private static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, IProjectMetadata project)
    {
        var resource = builder.AddResource(new ProjectResource(name)).WithAnnotation(project);
        var profile = LaunchProfile.Read(project.ProjectPath, builder.Configuration["DOTNET_LAUNCH_PROFILE"]);
        foreach (var url in profile.Urls)
        {
            resource.WithEndpoint(port: url.Port, scheme: url.Scheme);
        }

        return resource
            .WithEnvironment(context => ProjectEnvironment.AddProfile(context, profile))
            .WithEnvironment(context => ProjectEnvironment.AddTelemetry(context, builder));
    }
}
