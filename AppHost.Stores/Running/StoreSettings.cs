using Aspire.Hosting;
using Microsoft.Extensions.Configuration;
using ProductAspire.Stores.Machine;

namespace ProductAspire.Stores.Running;

/// <summary>
/// Tells how the stores of this run are started. Each setting comes from an argument (<c>--Stores:Fresh=true</c>), the environment
/// (<c>Stores__Fresh=true</c>) or a configuration file.
/// </summary>
/// <param name="Kind">The setting <c>Stores</c>: <c>containers</c>, <c>processes</c>, or null to choose.</param>
/// <param name="IsFresh">The setting <c>Stores:Fresh</c>: the stores start empty.</param>
/// <param name="IsTemporary">
/// The setting <c>Stores:Temporary</c>, for tests: data in a folder of its own that goes with the run and that need not survive a
/// crash of the machine, and free ports for everything.
/// </param>
/// <param name="State">The setting <c>LOCAL_STATE</c>: the folder of data, passwords and fetched programs, <c>.local</c> by default.</param>
internal sealed record StoreSettings(string? Kind, bool IsFresh, bool IsTemporary, string State)
{
    private const string Containers = "containers";
    private const string Processes = "processes";

    private static readonly Lazy<bool> RuntimeAnswers = new(() => ContainerRuntime.AnswersAsync(CancellationToken.None).GetAwaiter().GetResult());

    /// <summary>Tells whether the stores are containers: as the setting says, else if a container runtime answers.</summary>
    public bool UseContainers { get; } = Kind is null ? RuntimeAnswers.Value : Is(Kind, Containers);

    /// <summary>Returns what is wrong with the setting, or null.</summary>
    public string? Problem => Kind switch
    {
        null => null,
        _ when Is(Kind, Processes) => null,
        _ when !Is(Kind, Containers) => $"Stores is '{Kind}'. It can be '{Containers}' or '{Processes}'.",
        _ => RuntimeAnswers.Value ? null : "Stores is 'containers', but no container runtime answers (docker info, podman info). "
            + "Start one, or choose Stores=processes.",
    };

    public static StoreSettings Read(IDistributedApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var folder = configuration["LOCAL_STATE"] is { Length: > 0 } given ? given : Path.Combine(builder.AppHostDirectory, "..", ".local");
        return new(
            configuration["Stores"] is { Length: > 0 } kind ? kind : null,
            configuration.GetValue<bool>("Stores:Fresh"),
            configuration.GetValue<bool>("Stores:Temporary"),
            Path.GetFullPath(folder));
    }

    private static bool Is(string kind, string other) => kind.Equals(other, StringComparison.OrdinalIgnoreCase);
}
