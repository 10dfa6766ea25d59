namespace Cqrs.Projection;

/// <summary>The cause of a handler's exception.</summary>
public enum FaultOrigin
{
    /// <summary>It does not say: whether the target takes something else at that moment tells.</summary>
    Unknown,

    /// <summary>The command that was handed over: it is tried again some times, then parked.</summary>
    Command,

    /// <summary>The whole store (down, overloaded, a deadlock): it is waited out, and nothing is parked.</summary>
    Store,
}
