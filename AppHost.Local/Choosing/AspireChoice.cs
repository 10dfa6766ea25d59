using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Aspire.Hosting;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Choosing;

/// <summary>
/// If nobody said which way the application runs: under Aspire where there is a container runtime and its packages can be had,
/// else as plain processes. One line says which, why, and how to choose.
/// </summary>
internal sealed class AspireChoice(RunContext context)
{
    private const string HowToFix =
        "To fix the choice, set the property Aspire in Directory.Build.local.props or in the environment.";

    private readonly Assembly appHost = context.Builder.AppHostAssembly!;

    private string ProjectFile => appHost.Metadata("AppHostProjectFile")!;

    public async Task<bool> RunsUnderAspireAsync(CancellationToken cancellationToken)
    {
        if (context.IsTest || appHost.Metadata("AppHostProjectFile") is null)
        {
            return false;
        }

        // The environment chooses where an AppHost that is built already is started.
        var chosen = context.Builder.Configuration["Aspire"];
        if (string.Equals(chosen, "true", StringComparison.OrdinalIgnoreCase))
        {
            context.Say("Runs under Aspire: chosen by the environment.");
            return true;
        }

        if (!string.IsNullOrEmpty(chosen) || appHost.Metadata("AspireChosen") is not null)
        {
            context.Say("Runs locally, as plain processes, as chosen (Aspire=false). Under Aspire: dotnet run --project AppHost -p:Aspire=true.");
            return false;
        }

        var obstacle = await FindObstacleAsync(cancellationToken);
        context.Say(obstacle is null
            ? $"Runs under Aspire: a container runtime answers and the packages are there. Without: dotnet run --project AppHost -p:Aspire=false. {HowToFix}"
            : $"Runs locally, as plain processes: {obstacle} Under Aspire: dotnet run --project AppHost -p:Aspire=true. {HowToFix}");
        return obstacle is null;
    }

    /// <summary>Builds and runs the AppHost again, against Aspire; returns its exit code.</summary>
    public async Task<int> RunUnderAspireAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Dotnet.Program, ["run", "--project", ProjectFile, "-p:Aspire=true", "--", .. context.Args]);
        using var process = Process.Start(start)!;
        // Ctrl+C reaches that process too; this one only waits for it to end. A SIGTERM meant for us is passed on.
        using var interrupt = OnSignal(PosixSignal.SIGINT, () => { });
        using var terminate = OnSignal(PosixSignal.SIGTERM, () => Unix.Signal(process.Id, StopSignal.Terminate));
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    private async Task<string?> FindObstacleAsync(CancellationToken cancellationToken)
    {
        if (!context.Builder.ExecutionContext.IsPublishMode && !await ContainerRuntime.AnswersAsync(cancellationToken))
        {
            return "no container runtime answers (docker info, podman info).";
        }

        return await new AspirePackages(context, ProjectFile, appHost.Metadata("AspireVersion") ?? "").CanBeRestoredAsync(cancellationToken)
            ? null
            : "the packages of Aspire cannot be restored.";
    }

    private static PosixSignalRegistration OnSignal(
        PosixSignal signal, Action action) =>
        PosixSignalRegistration.Create(signal, received =>
        {
            received.Cancel = true;
            action();
        });
}
