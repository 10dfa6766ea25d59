namespace Cqrs;

/// <summary>What a module's business rules make of a request and the current state: the state that shall be, or why not.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>Publish this. Its version is the one that the rules were given, and is not looked at.</summary>
    /// <param name="Input">The whole new state.</param>
    public sealed record Publish(CommandInput Input) : Decision;

    /// <summary>Do nothing: the request breaks a rule.</summary>
    /// <param name="Errors">What is wrong, by field.</param>
    public sealed record Reject(IReadOnlyList<FieldError> Errors) : Decision;
}
