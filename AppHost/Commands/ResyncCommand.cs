using System.Net.Http.Json;

/// <summary>The command "Resync": writes every item of a tenant to Postgres again, and removes rows whose item is gone.</summary>
internal static class ResyncCommand
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    public static void WithResyncCommand(this IResourceBuilder<ProjectResource> worker, IResourceBuilder<ProjectResource> api) => worker.WithCommand(
        "resync",
        "Resync",
        context => DeveloperApi.RunAsync(() => RunAsync(api.GetEndpoint("http"), context)),
        new CommandOptions
        {
            Description = "Writes every item of a tenant to Postgres again, and removes rows whose item is gone.",
            IconName = "ArrowSync",
            Arguments = [new InteractionInput { Name = "tenant", Label = "Tenant", InputType = InputType.Text, Required = true, Value = "demo" }],
        });

    private static async Task<ExecuteCommandResult> RunAsync(EndpointReference endpoint, ExecuteCommandContext context)
    {
        var tenant = context.Arguments.GetString("tenant") ?? "demo";
        using var api = await DeveloperApi.OfTenantAsync(endpoint, tenant, context.CancellationToken);
        using var accepted = await api.PutAsync($"/api/product/resync-data/PRODUCT%23{Uri.EscapeDataString(tenant)}", null, context.CancellationToken);
        if (!accepted.IsSuccessStatusCode)
        {
            return CommandResults.Failure(await accepted.Content.ReadAsStringAsync(context.CancellationToken));
        }

        while (true)
        {
            var job = await api.GetFromJsonAsync<Job>(accepted.Headers.Location, context.CancellationToken);
            switch (job)
            {
                case { Status: "COMPLETED" }:
                    return CommandResults.Success($"{job.Done} items of {tenant} are written again.");
                case { Status: "FAILED" }:
                    return CommandResults.Failure(job.Error ?? "The job failed.");
            }

            await Task.Delay(BetweenLooks, context.CancellationToken);
        }
    }

    private sealed record Job(string Status, long Done, string? Error);
}
