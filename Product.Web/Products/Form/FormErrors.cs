using Microsoft.AspNetCore.Components.Forms;
using Product.Web.Api;
using Product.Web.Components;

namespace Product.Web.Products.Form;

/// <summary>Puts what is wrong next to the field that it is about.</summary>
public sealed class FormErrors
{
    private static readonly Dictionary<string, ProductField> FieldByPath = new(ProductField.All.ToDictionary(field => field.Path))
    {
        // Without a code the sort key is the code.
        ["sk"] = ProductField.Code,
    };

    private readonly EditContext context;
    private readonly ValidationMessageStore messages;

    public FormErrors(EditContext context)
    {
        this.context = context;
        messages = new(context);
        // Once a field is changed, what was said about it no longer holds.
        context.OnFieldChanged += (_, change) =>
        {
            messages.Clear(change.FieldIdentifier);
            context.NotifyValidationStateChanged();
        };
    }

    public bool IsEmpty => !context.GetValidationMessages().Any();

    public void Show(IReadOnlyCollection<(ProductField Field, string Message)> errors)
    {
        messages.Clear();
        foreach (var (field, message) in errors.Reverse())
        {
            messages.Add(context.Field(field.Property), $"{field.Label} {message}");
            FocusRequest.Ask(context, context.Field(field.Property));
        }

        context.NotifyValidationStateChanged();
    }

    /// <summary>Shows a problem of the API; false if it is about no field of the form.</summary>
    public bool TryShow(ApiProblem problem)
    {
        if (problem.IsCodeTaken)
        {
            Show([(ProductField.Code, "is taken: another product of the tenant has it")]);
            return true;
        }

        if (problem.Errors is not { Count: > 0 } errors || !errors.Keys.All(FieldByPath.ContainsKey))
        {
            return false;
        }

        Show([.. errors.SelectMany(error => error.Value.Select(message => (FieldByPath[error.Key], message)))]);
        return true;
    }
}
