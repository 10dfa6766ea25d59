using System.Net.Http.Headers;

/// <summary>The API in the name of a developer, for the commands of the dashboard. Each has a token of the Development issuer.</summary>
internal static class DeveloperApi
{
    private const string User = "dashboard";

    /// <summary>Returns a client in the name of a member of a tenant.</summary>
    public static Task<HttpClient> OfTenantAsync(EndpointReference api, string tenant, CancellationToken cancellationToken) =>
        ConnectAsync(api, $"tenant={Uri.EscapeDataString(tenant)}", cancellationToken);

    /// <summary>Returns a client in the name of an operator of all tenants.</summary>
    public static Task<HttpClient> OfOperatorAsync(EndpointReference api, CancellationToken cancellationToken) =>
        ConnectAsync(api, "tenant=common&role=system_admin&global=true", cancellationToken);

    /// <summary>Runs a command; an API that does not answer is its failure.</summary>
    public static async Task<ExecuteCommandResult> RunAsync(Func<Task<ExecuteCommandResult>> command)
    {
        try
        {
            return await command();
        }
        catch (HttpRequestException fault)
        {
            return CommandResults.Failure($"The API does not answer: {fault.Message}");
        }
    }

    private static async Task<HttpClient> ConnectAsync(EndpointReference api, string query, CancellationToken cancellationToken)
    {
        var http = new HttpClient { BaseAddress = new Uri(api.Url) };
        var token = await http.GetStringAsync($"/dev/token?user={User}&{query}", cancellationToken);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }
}
