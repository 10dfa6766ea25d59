using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProductAspire.Local.Running;

/// <summary>The profile of Properties/launchSettings.json that a project is run with.</summary>
internal sealed record LaunchProfile(string? Name, IReadOnlyList<Uri> Urls, IReadOnlyDictionary<string, string> Environment)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNameCaseInsensitive = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The profile with the wanted name (the AppHost's own), else the first one that runs the project.</summary>
    public static LaunchProfile Read(string projectPath, string? wanted)
    {
        var file = Path.Combine(Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(file))
        {
            return new(null, [], new Dictionary<string, string>());
        }

        var profiles = JsonSerializer.Deserialize<Settings>(File.ReadAllText(file), Json)?.Profiles ?? [];
        var (name, profile) = wanted is not null && profiles.TryGetValue(wanted, out var same)
            ? new(wanted, same)
            : profiles.FirstOrDefault(one => one.Value.CommandName == "Project");
        var urls = profile?.ApplicationUrl?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        return new(name, [.. urls.Select(url => new Uri(url))], profile?.EnvironmentVariables ?? []);
    }

    private sealed record Settings(Dictionary<string, Profile>? Profiles);

    private sealed record Profile(
        string? CommandName,
        string? ApplicationUrl,
        [property: JsonPropertyName("environmentVariables")] Dictionary<string, string>? EnvironmentVariables);
}
