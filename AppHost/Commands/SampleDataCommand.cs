using System.Globalization;
using Microsoft.Extensions.Logging;
using SampleData;

/// <summary>The command "Load sample products": posts generated products and waits until search finds them.</summary>
internal static class SampleDataCommand
{
    private const int Seed = 1;
    private const int MaxCount = 100_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static void WithSampleDataCommand(this IResourceBuilder<ProjectResource> api) => api.WithCommand(
        "load-samples",
        "Load sample products",
        context => DeveloperApi.RunAsync(() => RunAsync(api.GetEndpoint("http"), context)),
        new CommandOptions
        {
            Description = "Posts generated products to a tenant. The same products are made each time, so a repeat adds none.",
            IconName = "BoxMultiple",
            Arguments =
            [
                new InteractionInput { Name = "tenant", Label = "Tenant", InputType = InputType.Text, Required = true, Value = "demo" },
                new InteractionInput { Name = "count", Label = "Number of products", InputType = InputType.Number, Required = true, Value = "1000" },
            ],
        });

    private static async Task<ExecuteCommandResult> RunAsync(EndpointReference endpoint, ExecuteCommandContext context)
    {
        var tenant = context.Arguments.GetString("tenant") ?? "demo";
        var text = context.Arguments.GetString("count") ?? "1000";
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is 0 or > MaxCount)
        {
            return CommandResults.Failure($"The number of products must be from 1 to {MaxCount}.");
        }

        using var http = new HttpClient { BaseAddress = new Uri(endpoint.Url) };
        var loaded = await Loader.LoadAsync(
            http, tenant, count, Seed, Patience, progress => context.Logger.LogInformation("{Progress}", progress), context.CancellationToken);
        var outcome = $"{loaded.Posted.New} new, {loaded.Posted.AlreadyThere} already there, {loaded.Posted.Errors.Count} failed. "
            + $"Search finds {loaded.InReadModel} of {loaded.Expected}.";
        return loaded.IsComplete ? CommandResults.Success(outcome) : CommandResults.Failure(outcome);
    }
}
