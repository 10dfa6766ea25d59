namespace ProductAspire.Local.Running;

/// <summary>Knows how one kind of resource is run as a process.</summary>
internal interface ILauncher
{
    /// <summary>Says what this machine lacks to run it, each with the command that installs it. Starts nothing.</summary>
    Task<IReadOnlyList<string>> FindMissingAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Fetches programs and prepares folders; once, before anything is started.</summary>
    Task InstallAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The process to start; null if the resource is part of another one's process.</summary>
    Task<LaunchSpec?> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken);

    /// <summary>Whether it answers, beyond what the health checks of the model ask.</summary>
    Task<bool> IsReadyAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>Whether a start that ended like this may simply be tried again.</summary>
    bool IsPassing(IReadOnlyList<string> lastLines) => false;
}
