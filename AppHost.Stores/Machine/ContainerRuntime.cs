namespace ProductAspire.Stores.Machine;

/// <summary>Looks for Docker or Podman.</summary>
internal static class ContainerRuntime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Tells whether the daemon of one of them answers within three seconds.</summary>
    public static async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        var answers = new[] { "docker", "podman" }
            .Select(Programs.Find)
            .OfType<string>()
            .Select(program => Command.RunAsync(program, ["info"], Limit, cancellationToken));
        return (await Task.WhenAll(answers)).Any(answer => answer is { ExitCode: 0 });
    }
}
