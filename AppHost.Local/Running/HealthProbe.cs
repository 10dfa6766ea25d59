using Aspire.Hosting.ApplicationModel;

namespace ProductAspire.Local.Running;

/// <summary>Asks a resource whether it is well: its health checks in the model, and what its kind is asked besides.</summary>
internal sealed class HealthProbe(ResourceInstance instance, ILauncher launcher)
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    private readonly HttpHealthCheckAnnotation[] checks = [.. instance.Resource.Annotations.OfType<HttpHealthCheckAnnotation>()];

    /// <summary>What the last question was answered with, if that was not "healthy".</summary>
    public string Complaint { get; private set; } = "";

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        foreach (var check in checks)
        {
            if (!await AnswersAsync(check, cancellationToken))
            {
                return false;
            }
        }

        Complaint = "it does not answer";
        return await launcher.IsReadyAsync(cancellationToken);
    }

    private async Task<bool> AnswersAsync(HttpHealthCheckAnnotation check, CancellationToken cancellationToken)
    {
        var url = new Uri(new Uri(instance.UrlOf(check.EndpointName)), check.Path);
        try
        {
            using var response = await Client.GetAsync(url, cancellationToken);
            Complaint = $"{url} answers {(int)response.StatusCode}";
            return (int)response.StatusCode == check.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Complaint = $"{url} does not answer";
            return false;
        }
    }
}
