namespace Cqrs.Projection;

/// <summary>A handler's exception, with what it was found to speak of.</summary>
internal sealed class JudgedFault(FaultOrigin origin, Exception fault) : Exception(fault.Message, fault)
{
    public FaultOrigin Origin => origin;

    /// <summary>Returns the exception of the handler.</summary>
    public static Exception Unwrap(Exception exception) => exception is JudgedFault { InnerException: { } fault } ? fault : exception;
}
