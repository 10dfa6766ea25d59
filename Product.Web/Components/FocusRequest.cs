using Microsoft.AspNetCore.Components.Forms;

namespace Product.Web.Components;

/// <summary>Asks the input of a field to take the focus: whoever submits a form that is refused should be where the first error is.</summary>
public static class FocusRequest
{
    private static readonly object Key = new();

    public static void Ask(EditContext form, FieldIdentifier field) => form.Properties[Key] = field;

    /// <summary>Returns whether this field is asked; it is then not asked again.</summary>
    public static bool IsFor(EditContext form, FieldIdentifier field) =>
        form.Properties.TryGetValue(Key, out var asked) && field.Equals(asked) && form.Properties.Remove(Key);
}
