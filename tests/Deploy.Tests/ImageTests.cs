using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProductAspire.Deploy;

namespace DeployTests;

/// <summary>What the images are built from. They are not built here: that takes Docker.</summary>
public sealed partial class ImageTests(Synthesis synthesis)
{
    private static readonly string[] Services = [Images.Api, Images.Worker, Images.Web];

    [Fact]
    public void Each_is_built_from_its_own_sources_and_what_it_needs_and_from_nothing_that_was_built()
    {
        foreach (var (folder, dockerfile) in Assets())
        {
            var own = Path.GetDirectoryName(dockerfile)!;
            Assert.True(File.Exists(Path.Combine(folder, dockerfile)), dockerfile);
            Assert.True(File.Exists(Path.Combine(folder, own, $"{own}.csproj")), own);
            foreach (var shared in new[] { "Cqrs/Cqrs.csproj", "Cqrs.Postgres/Cqrs.Postgres.csproj", "Cqrs.AspNetCore/Cqrs.AspNetCore.csproj", "Products/Products.csproj", "ServiceDefaults/ServiceDefaults.csproj", "Directory.Packages.props", "global.json" })
            {
                Assert.True(File.Exists(Path.Combine(folder, shared)), shared);
            }

            var names = Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(Path.GetFileName).ToHashSet();
            Assert.All(["bin", "obj", ".git", ".local", "artifacts", "node_modules", "tests", "launchSettings.json", "cdk.out"], name => Assert.DoesNotContain(name, names));
            Assert.Equal([own], Services.Where(service => Directory.Exists(Path.Combine(folder, service))));
        }

        Assert.Equal(Services.Order(), Assets().Select(asset => Path.GetDirectoryName(asset.Dockerfile)).Order());
    }

    [Theory]
    [InlineData(Images.Api)]
    [InlineData(Images.Worker)]
    [InlineData(Images.Web)]
    public void A_Dockerfile_publishes_its_project_and_starts_it_without_rights(string service)
    {
        var dockerfile = File.ReadAllText(Path.Combine(Images.Root, service, "Dockerfile"));

        Assert.Contains($"dotnet publish {service} ", dockerfile, StringComparison.Ordinal);
        Assert.Contains($"ENTRYPOINT [\"dotnet\", \"{service}.dll\"]", dockerfile, StringComparison.Ordinal);
        Assert.Contains($"EXPOSE {ContainerService.Port}", dockerfile, StringComparison.Ordinal);
        Assert.Matches(User(), dockerfile);
        Assert.DoesNotContain("ASPNETCORE_ENVIRONMENT", dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void On_Lambda_events_are_posted_to_the_endpoint_that_takes_them_and_an_answer_that_is_an_error_fails_the_invocation()
    {
        var dockerfile = File.ReadAllText(Path.Combine(Images.Root, Images.Worker, "Dockerfile"));

        Assert.Contains("/lambda-adapter /opt/extensions/lambda-adapter", dockerfile, StringComparison.Ordinal);
        Assert.Contains($"AWS_LWA_PORT={ContainerService.Port}", dockerfile, StringComparison.Ordinal);
        Assert.Contains("AWS_LWA_READINESS_CHECK_PATH=/alive", dockerfile, StringComparison.Ordinal);
        Assert.Contains("AWS_LWA_PASS_THROUGH_PATH=/events", dockerfile, StringComparison.Ordinal);
        Assert.Contains("AWS_LWA_ERROR_STATUS_CODES=400-599", dockerfile, StringComparison.Ordinal);
    }

    private IEnumerable<(string Folder, string Dockerfile)> Assets()
    {
        var stack = Directory.GetFiles(synthesis.Folder, "*.assets.json").Single();
        return JsonNode.Parse(File.ReadAllText(stack))!["dockerImages"]!.AsObject().Select(image =>
        {
            var source = image.Value!["source"]!;
            return (Path.Combine(synthesis.Folder, source["directory"]!.GetValue<string>()), source["dockerFile"]!.GetValue<string>());
        });
    }

    [GeneratedRegex(@"^USER \$APP_UID$", RegexOptions.Multiline)]
    private static partial Regex User();
}
