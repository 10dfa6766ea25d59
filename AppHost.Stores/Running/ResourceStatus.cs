using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ProductAspire.Stores.Running;

/// <summary>Shows what a resource does before its process starts: in its state, in its log and on the console.</summary>
internal sealed class ResourceStatus(IResource resource, IServiceProvider services)
{
    private readonly ResourceNotificationService notifications = services.GetRequiredService<ResourceNotificationService>();
    private readonly ILogger log = services.GetRequiredService<ResourceLoggerService>().GetLogger(resource);

    public async Task ShowAsync(string text)
    {
        LocalRun.Say($"{resource.Name}: {text}");
        log.LogInformation("{Text}", text);
        await notifications.PublishUpdateAsync(resource, now => now with { State = new(text, KnownResourceStateStyles.Info) });
    }
}
