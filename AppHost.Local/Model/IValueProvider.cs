namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is known only when the application runs: a port, a password, a connection string.</summary>
public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

/// <summary>The same value as a placeholder, for a manifest.</summary>
public interface IManifestExpressionProvider
{
    string ValueExpression { get; }
}
