namespace Cqrs.Postgres;

/// <summary>Tells the tenant whose request is being answered.</summary>
/// <param name="find">Finds the tenant; null outside of a request.</param>
public sealed class CurrentTenant(Func<string?> find)
{
    /// <summary>Gets the tenant of the request; null outside of one.</summary>
    public string? Code => find();
}
