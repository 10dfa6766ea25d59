using System.Diagnostics;
using System.Text.Json.Nodes;

namespace AppHostTests;

/// <summary>What is published: the services and Postgres, and nothing of a run on one machine.</summary>
public sealed class ManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Manifest_HasTheServicesAndPostgresAndNoStoreOfThisMachine()
    {
        var resources = await PublishAsync([]);

        Assert.Equal(
            ["product-api", "product-syncworker", "product-web"],
            Names(resources, type => type.StartsWith("project.", StringComparison.Ordinal)));
        Assert.Equal(["postgres"], Names(resources, type => type.StartsWith("container.", StringComparison.Ordinal)));
        Assert.DoesNotContain("dynamodb", resources.Select(resource => resource.Key));
        foreach (var service in new[] { "product-api", "product-syncworker" })
        {
            var environment = resources[service]!["env"]!.AsObject();
            Assert.Equal("{productdb.connectionString}", $"{environment["ConnectionStrings__productdb"]}");
            Assert.Equal("{aws-region.value}", $"{environment["AWS_REGION"]}");
            Assert.DoesNotContain(environment, variable => variable.Key.StartsWith("AWS_ENDPOINT_URL", StringComparison.Ordinal));
        }

        Assert.Contains("token-authority", resources.Select(resource => resource.Key));
    }

    [Fact]
    public async Task ManifestWithExternalPostgres_AsksForItsConnectionString()
    {
        var resources = await PublishAsync(new() { ["EXTERNAL_POSTGRES"] = "true" });

        Assert.Empty(Names(resources, type => type.StartsWith("container.", StringComparison.Ordinal)));
        Assert.Equal("{productdb-connection.value}", $"{resources["productdb"]!["connectionString"]}");
    }

    [Fact]
    public async Task PublishingToAwsWithoutItsPackage_SaysHowToBuildWithIt()
    {
        var (exitCode, output, _) = await RunAsync(new() { ["PUBLISH_TO"] = "aws" });

        Assert.NotEqual(0, exitCode);
        Assert.Contains("-p:AwsHosting=true", output, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(JsonObject resources, Func<string, bool> hasType) =>
        resources.Where(resource => hasType($"{resource.Value!["type"]}")).Select(resource => resource.Key).Order(StringComparer.Ordinal);

    private async Task<JsonObject> PublishAsync(Dictionary<string, string?> environment)
    {
        var (exitCode, output, manifest) = await RunAsync(environment);
        Assert.True(exitCode == 0, output);
        return JsonNode.Parse(await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken))!["resources"]!.AsObject();
    }

    private async Task<(int ExitCode, string Output, string Manifest)> RunAsync(Dictionary<string, string?> environment)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var manifest = Path.Combine(_folder.Path, "manifest.json");
        string[] arguments = [typeof(Projects.AppHost).Assembly.Location, "--publisher", "manifest", "--output-path", manifest];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output + await errors, manifest);
    }
}
