using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using ProductAspire.Local.Dashboard.Pages;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Dashboard;

/// <summary>What the buttons of a resource do.</summary>
internal static class CommandEndpoint
{
    public static async Task<IResult> ExecuteAsync(
        string id, string command, HttpContext context, Orchestrator orchestrator, ResourceCommandService commands)
    {
        // Only the page's own buttons: other pages of this browser could send a form too.
        if (!RequestGuard.IsFromOwnPage(context.Request))
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        if (orchestrator.Instances.All(instance => instance.Id != id))
        {
            return Results.NotFound();
        }

        // It goes on although the browser may leave: the page then shows the state.
        var done = await commands.ExecuteCommandAsync(id, command, await ArgumentsAsync(context.Request), CancellationToken.None);
        return done is { Success: true, Message: null }
            ? Results.LocalRedirect("/")
            : new RazorComponentResult<DonePage>(new { done.Success, done.Message }) { StatusCode = done.Success ? 200 : 400 };
    }

    private static async Task<InteractionInputCollection> ArgumentsAsync(HttpRequest request)
    {
        var form = request.HasFormContentType ? await request.ReadFormAsync() : FormCollection.Empty;
        return new([.. form.Select(field => new InteractionInput { Name = field.Key, InputType = InputType.Text, Value = field.Value })]);
    }
}
