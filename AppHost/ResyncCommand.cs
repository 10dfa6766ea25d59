using System.Net.Http.Headers;
using System.Net.Http.Json;

/// <summary>
/// A button of the worker: writes every item of a tenant to Postgres again, and takes down rows whose item is gone. It asks the API for it, as
/// anybody may, with a token for developers.
/// </summary>
internal static class ResyncCommand
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    public static void AddResyncCommand(this IResourceBuilder<ProjectResource> worker, EndpointReference api) => worker.WithCommand(
        "resync",
        "Resync",
        context => RunAsync(api, context),
        new CommandOptions
        {
            Description = "Writes every item of a tenant to Postgres again, and takes down rows whose item is gone.",
            IconName = "ArrowSync",
            Arguments = [new InteractionInput { Name = "tenant", Label = "Tenant", InputType = InputType.Text, Required = true, Value = "demo" }],
        });

    private static async Task<ExecuteCommandResult> RunAsync(EndpointReference api, ExecuteCommandContext context)
    {
        var tenant = Uri.EscapeDataString(context.Arguments.GetString("tenant") ?? "demo");
        using var http = new HttpClient { BaseAddress = new Uri(api.Url) };
        try
        {
            var token = await http.GetStringAsync($"/dev/token?user=resync&tenant={tenant}", context.CancellationToken);
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var accepted = await http.PutAsync($"/api/product/resync-data/PRODUCT%23{tenant}", null, context.CancellationToken);
            if (!accepted.IsSuccessStatusCode)
            {
                return CommandResults.Failure(await accepted.Content.ReadAsStringAsync(context.CancellationToken));
            }

            while (true)
            {
                var job = await http.GetFromJsonAsync<Job>(accepted.Headers.Location, context.CancellationToken);
                switch (job)
                {
                    case { Status: "COMPLETED" }:
                        return CommandResults.Success($"{job.Done} items of {tenant} are written again.");
                    case { Status: "FAILED" }:
                        return CommandResults.Failure(job.Error);
                }

                await Task.Delay(BetweenLooks, context.CancellationToken);
            }
        }
        catch (HttpRequestException unreachable)
        {
            return CommandResults.Failure($"The API does not answer: {unreachable.Message}");
        }
    }

    private sealed record Job(string Status, long Done, string? Error);
}
