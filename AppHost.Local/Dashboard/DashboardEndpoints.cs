using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ProductAspire.Local.Dashboard.Otlp;
using ProductAspire.Local.Dashboard.Pages;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Dashboard;

/// <summary>The addresses of the dashboard.</summary>
internal static class DashboardEndpoints
{
    private static readonly Dictionary<string, string> Assets = new()
    {
        ["dashboard.css"] = "text/css",
        ["dashboard.js"] = "text/javascript",
        ["favicon.svg"] = "image/svg+xml",
    };

    public static void MapDashboard(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", () => new RazorComponentResult<ResourcesPage>());
        app.MapGet("/logs/{id}", (string id, Orchestrator orchestrator) => Instance(orchestrator, id) is null
            ? Results.NotFound()
            : new RazorComponentResult<LogsPage>(new { Id = id }));
        app.MapGet("/logs/{id}/lines", (string id, long after, Orchestrator orchestrator) => Instance(orchestrator, id) is { } instance
            ? Results.Ok(instance.LinesAfter(after))
            : Results.NotFound());
        app.MapGet("/traces", (string? filter) => new RazorComponentResult<TracesPage>(new { Filter = filter ?? "" }));
        app.MapGet("/traces/{id}", (string id, TraceStore traces) => traces.Find(id) is null
            ? Results.NotFound()
            : new RazorComponentResult<TracePage>(new { Id = id }));
        app.MapPost("/resources/{id}/{command}", CommandEndpoint.ExecuteAsync);
        app.MapGet("/assets/{name}", (string name) => Assets.TryGetValue(name, out var type)
            ? Results.Stream(Assembly.GetExecutingAssembly().GetManifestResourceStream($"dashboard/{name}")!, type)
            : Results.NotFound());
    }

    private static ResourceInstance? Instance(Orchestrator orchestrator, string id) =>
        orchestrator.Instances.FirstOrDefault(instance => instance.Id == id);
}
