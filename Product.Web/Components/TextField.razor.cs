using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace Product.Web.Components;

/// <summary>A text input with its label, its hint, and next to it what is wrong with it.</summary>
public sealed partial class TextField : InputBase<string?>
{
    private ElementReference element;

    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter]
    public string? Hint { get; set; }

    [Parameter]
    public bool Required { get; set; }

    [Parameter]
    public int Lines { get; set; } = 1;

    private string HintId => $"{Id}-hint";

    private string ErrorId => $"{Id}-error";

    private string? AriaRequired => Required ? "true" : null;

    private string? Error => EditContext.GetValidationMessages(FieldIdentifier).FirstOrDefault();

    private string? DescribedBy => (Hint, Error) switch
    {
        (null, null) => null,
        (null, _) => ErrorId,
        (_, null) => HintId,
        _ => $"{ErrorId} {HintId}",
    };

    protected override bool TryParseValueFromString(
        string? value, out string? result, [NotNullWhen(false)] out string? validationErrorMessage)
    {
        (result, validationErrorMessage) = (value, null);
        return true;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (FocusRequest.IsFor(EditContext, FieldIdentifier))
        {
            await element.FocusAsync();
        }
    }
}
