using ProductAspire.Local.Running;

namespace ProductAspire.Local.Choosing;

internal static class ContainerRuntime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Whether Docker or Podman is there and its daemon answers, in bounded time.</summary>
    public static async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        var asked = new[] { "docker", "podman" }
            .Select(name => Programs.Find(name))
            .OfType<string>()
            .Select(program => Command.RunAsync(program, ["info"], Limit, cancellationToken));
        return (await Task.WhenAll(asked)).Any(answer => answer is { ExitCode: 0 });
    }
}
