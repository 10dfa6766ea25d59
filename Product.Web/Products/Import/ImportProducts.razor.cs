using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Product.Web.Api;

namespace Product.Web.Products.Import;

/// <summary>The browser sends the file by itself, past the circuit; here is what it tells of that.</summary>
public sealed partial class ImportProducts
{
    private readonly List<ImportError> errors = [];

    private DotNetObjectReference<ImportProducts>? self;
    private IJSObjectReference? module;
    private IJSObjectReference? importer;
    private ElementReference zone;
    private ElementReference input;
    private ChosenFile? chosen;
    private ImportProgress? progress;
    private ApiProblem? problem;
    private TimeSpan elapsed;
    private long started;
    private string encoding = "utf-8";
    private bool isReady;
    private ImportState state;

    private bool IsRunning => state == ImportState.Running;

    [JSInvokable]
    public void OnChosen(ChosenFile file)
    {
        (chosen, progress, problem) = (file, null, null);
        StateHasChanged();
    }

    /// <summary>Called a few times a second while it runs. Errors are those after the first so many, which were told before.</summary>
    [JSInvokable]
    public void OnProgress(ImportProgress now, int told, ImportError[] found)
    {
        (progress, elapsed) = (now, Time.GetElapsedTime(started));
        errors.RemoveRange(told, errors.Count - told);
        errors.AddRange(found);
        StateHasChanged();
    }

    /// <summary>Called at the end. Status: that of an answer which ended it; 0 if none did.</summary>
    [JSInvokable]
    public void OnEnded(bool wasStopped, int? status, string? detail)
    {
        elapsed = Time.GetElapsedTime(started);
        problem = (status, detail) switch
        {
            (null, null) => null,
            ({ } answer, _) => new ApiProblem { Status = answer, Title = "The import ended early", Detail = detail },
            _ => new ApiProblem { Title = "The import ended early", Detail = detail },
        };
        state = wasStopped ? ImportState.Stopped : problem is null ? ImportState.Finished : ImportState.Failed;
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (importer is not null)
            {
                await importer.InvokeVoidAsync("dispose");
                await importer.DisposeAsync();
            }

            if (module is not null)
            {
                await module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and what it ran.
        }

        self?.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            self = DotNetObjectReference.Create(this);
            module = await Script.InvokeAsync<IJSObjectReference>("import", "./Products/Import/ImportProducts.razor.js");
            importer = await module.InvokeAsync<IJSObjectReference>("create", zone, input, self);
            isReady = true;
            StateHasChanged();
        }
    }

    private async Task StartAsync()
    {
        if (IsRunning)
        {
            return;
        }

        errors.Clear();
        (progress, problem, state) = (new(0, chosen!.Size, 0, 0, 0, 0, 0, 0), null, ImportState.Running);
        (started, elapsed) = (Time.GetTimestamp(), TimeSpan.Zero);
        await importer!.InvokeVoidAsync("start", ImportEndpoint.Path, encoding, Antiforgery.GetAntiforgeryToken()?.Value);
    }

    private async Task StopAsync() => await importer!.InvokeVoidAsync("stop");

    private async Task ReportAsync() => await importer!.InvokeVoidAsync("report");
}
