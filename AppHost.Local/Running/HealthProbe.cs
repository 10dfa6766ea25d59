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

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        foreach (var check in checks)
        {
            if (!await AnswersAsync(check, cancellationToken))
            {
                return false;
            }
        }

        return await launcher.IsReadyAsync(cancellationToken);
    }

    private async Task<bool> AnswersAsync(HttpHealthCheckAnnotation check, CancellationToken cancellationToken)
    {
        try
        {
            var url = new Uri(new Uri(instance.UrlOf(check.EndpointName)), check.Path);
            using var response = await Client.GetAsync(url, cancellationToken);
            return (int)response.StatusCode == check.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
