using Aspire.Hosting.ApplicationModel;

namespace ProductAspire.Local.Running;

/// <summary>Shows what runs where, once everything is healthy.</summary>
internal static class ResourceTable
{
    public static async Task ShowWhenHealthyAsync(
        IReadOnlyList<ResourceInstance> instances, ResourceNotificationService notifications, Uri? dashboard, CancellationToken cancellationToken)
    {
        await foreach (var _ in notifications.WatchAsync(cancellationToken))
        {
            if (instances.All(instance => instance.IsHealthy))
            {
                break;
            }
        }

        var width = instances.Max(instance => instance.Id.Length);
        var rows = instances.Select(instance => Row(instance.Id, instance.Urls)).ToList();
        if (dashboard is not null)
        {
            rows.Add(Row("dashboard", [dashboard.ToString().TrimEnd('/')]));
        }

        ConsoleLog.Write($"""

            {string.Join(Environment.NewLine, rows)}

            Everything runs. Ctrl+C stops it.

            """);

        string Row(string name, IEnumerable<string> urls) => $"  {name.PadRight(width)}  {ConsoleLog.Good("healthy")}  {string.Join(' ', urls)}".TrimEnd();
    }
}
