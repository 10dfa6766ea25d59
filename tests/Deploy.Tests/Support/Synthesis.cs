using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Amazon.CDK;
using ProductAspire.Deploy;

[assembly: AssemblyFixture(typeof(DeployTests.Support.Synthesis))]

namespace DeployTests.Support;

/// <summary>What <c>cdk synth</c> makes, without credentials: once for all tests.</summary>
public sealed class Synthesis : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("deploy-tests-");
    private readonly Lock _turn = new();

    public Synthesis()
    {
        RequireNode();
        System.Environment.SetEnvironmentVariable("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1");
        var settings = new Settings();
        (Template, Folder) = Make(settings.StackName, app => _ = new ProductStack(app, settings));
    }

    /// <summary>With nothing chosen.</summary>
    public Template Template { get; }

    /// <summary>Where it is, with its assets.</summary>
    public string Folder { get; }

    /// <summary>With other settings.</summary>
    public Template Synthesize(Settings settings) => Synthesize(settings.StackName, app => _ = new ProductStack(app, settings));

    /// <summary>Another stack.</summary>
    public Template Synthesize(string stackName, Action<App> add)
    {
        // The CDK does one thing at a time.
        lock (_turn)
        {
            return Make(stackName, add).Template;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private (Template Template, string Folder) Make(string stackName, Action<App> add)
    {
        var folder = _folder.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName;
        var app = new App(new AppProps { Outdir = folder });
        add(app);
        app.Synth();
        return (new(JsonNode.Parse(File.ReadAllText(Path.Combine(folder, $"{stackName}.template.json")))!.AsObject()), folder);
    }

    private static void RequireNode()
    {
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", "--version") { RedirectStandardOutput = true })!;
            node.WaitForExit();
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException(
                "Node.js 20 or later is needed (the CDK runs in it) and was not found: apt-get install nodejs, brew install node, or winget install OpenJS.NodeJS.LTS.",
                missing);
        }
    }
}
