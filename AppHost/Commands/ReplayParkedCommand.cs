using System.Net;
using System.Net.Http.Json;

/// <summary>The command "Replay parked commands": projects again what the worker has set aside.</summary>
internal static class ReplayParkedCommand
{
    public static void WithReplayParkedCommand(this IResourceBuilder<ProjectResource> api) => api.WithCommand(
        "replay-parked",
        "Replay parked commands",
        context => DeveloperApi.RunAsync(() => RunAsync(api.GetEndpoint("http"), context.CancellationToken)),
        new CommandOptions
        {
            Description = "Projects every parked command again. What fails again stays parked.",
            IconName = "ArrowClockwise",
        });

    private static async Task<ExecuteCommandResult> RunAsync(EndpointReference endpoint, CancellationToken cancellationToken)
    {
        using var api = await DeveloperApi.OfOperatorAsync(endpoint, cancellationToken);
        var parked = (await api.GetFromJsonAsync<List<Parked>>("/api/ops/parked", cancellationToken))!;
        var failed = new List<string>();
        foreach (var command in parked)
        {
            using var answer = await api.PostAsync($"/api/ops/parked/{Uri.EscapeDataString(command.Id)}/replay", null, cancellationToken);
            // A command that another replay has applied meanwhile is not there any more.
            if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.NotFound)
            {
                failed.Add($"{command.Id}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            }
        }

        return parked.Count == 0 ? CommandResults.Success("No command is parked.")
            : failed.Count == 0 ? CommandResults.Success($"{parked.Count} parked commands are replayed.")
            : CommandResults.Failure($"{failed.Count} of {parked.Count} failed again. {failed[0]}");
    }

    private sealed record Parked(string Id);
}
