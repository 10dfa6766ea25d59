using Microsoft.AspNetCore.Components.Forms;
using Product.Web.Api;
using Product.Web.Components;

namespace Product.Web.Products.Create;

/// <summary>Puts what is wrong next to the field that it is about.</summary>
public sealed class FormErrors
{
    private static readonly Dictionary<string, string> PropertyByField = new()
    {
        ["name"] = nameof(ProductForm.Name),
        ["code"] = nameof(ProductForm.Code),
        // Without a code the sort key is the code.
        ["sk"] = nameof(ProductForm.Code),
        ["attributes.category"] = nameof(ProductForm.Category),
        ["attributes.price"] = nameof(ProductForm.Price),
        ["attributes.description"] = nameof(ProductForm.Description),
        ["attributes.specification.weight"] = nameof(ProductForm.Weight),
        ["attributes.specification.dimensions"] = nameof(ProductForm.Dimensions),
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

    public void Show(IReadOnlyCollection<(string Property, string Message)> errors)
    {
        messages.Clear();
        foreach (var (property, message) in errors.Reverse())
        {
            messages.Add(context.Field(property), $"{property} {message}");
            FocusRequest.Ask(context, context.Field(property));
        }

        context.NotifyValidationStateChanged();
    }

    /// <summary>Shows a problem of the API; false if it is about no field of the form.</summary>
    public bool TryShow(ApiProblem problem)
    {
        if (problem.IsCodeTaken)
        {
            Show([(nameof(ProductForm.Code), "is taken: another product of the tenant has it")]);
            return true;
        }

        if (problem.Errors is not { Count: > 0 } errors || !errors.Keys.All(PropertyByField.ContainsKey))
        {
            return false;
        }

        Show([.. errors.SelectMany(error => error.Value.Select(message => (PropertyByField[error.Key], message)))]);
        return true;
    }
}
