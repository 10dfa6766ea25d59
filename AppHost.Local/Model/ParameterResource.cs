namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value from outside: configuration, or made up once and remembered.</summary>
public class ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
    : Resource(name), IValueProvider, IManifestExpressionProvider
{
    public bool Secret { get; } = secret;

    public string ValueExpression => $"{{{Name}.value}}";

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(callback(null));
}

public abstract class ParameterDefault
{
    public abstract string GetDefaultValue();
}
