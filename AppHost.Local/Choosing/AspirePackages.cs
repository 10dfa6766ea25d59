using System.Text.Json;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Choosing;

/// <summary>Whether Aspire's packages can be had here. Tried once; the answer is remembered, a no for a day only.</summary>
internal sealed class AspirePackages(RunContext context, string projectFile, string version)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan NoHoldsFor = TimeSpan.FromDays(1);

    private readonly string file = Path.Combine(context.State.Shared, "aspire-packages.json");

    public async Task<bool> CanBeRestoredAsync(CancellationToken cancellationToken)
    {
        if (Read() is { } known && known.Version == version && (known.Restored || DateTime.UtcNow - known.At < NoHoldsFor))
        {
            return known.Restored;
        }

        context.Say("Looking whether the packages of Aspire can be restored (once) …");
        var result = await Command.RunAsync(Dotnet.Program, ["restore", projectFile, "-p:Aspire=true"], Limit, cancellationToken);
        var answer = new Answer(version, result is { ExitCode: 0 }, DateTime.UtcNow);
        Directory.CreateDirectory(context.State.Shared);
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(answer), cancellationToken);
        return answer.Restored;
    }

    private Answer? Read()
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<Answer>(File.ReadAllText(file)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Answer(string Version, bool Restored, DateTime At);
}
