using Microsoft.FluentUI.AspNetCore.Components;

namespace Product.Web.Components;

public static class FluentServices
{
    // Their role is known only inside the element; said outside too, every tool that reads the page finds the buttons.
    private static readonly Dictionary<string, object> ButtonRole = new() { ["role"] = "button" };

    public static IServiceCollection AddFluentUI(this IServiceCollection services) => services.AddFluentUIComponents(
        config => config.DefaultValues.For<FluentButton>().Set(button => button.AdditionalAttributes, ButtonRole));
}
