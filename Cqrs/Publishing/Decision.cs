using Cqrs.Items;

namespace Cqrs.Publishing;

/// <summary>The answer of a module's business rules to a request and the current state: the new state, or the errors.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>Publish this. Its version is the one that the rules were given, and is not looked at.</summary>
    /// <param name="Input">The whole new state.</param>
    public sealed record Publish(CommandInput Input) : Decision;

    /// <summary>Do nothing: the request breaks a rule.</summary>
    /// <param name="Errors">The errors, by field.</param>
    public sealed record Reject(IReadOnlyList<FieldError> Errors) : Decision;
}
