using Cqrs.Items;

namespace Cqrs.Publishing;

/// <summary>The outcome of a publish: exactly one of the nested cases.</summary>
public abstract record PublishResult
{
    private PublishResult()
    {
    }

    /// <summary>The command is stored. What reads models is brought up by the stream, or already has been if it was published synchronously.</summary>
    /// <param name="Command">The command as stored.</param>
    public sealed record Accepted(CommandModel Command) : PublishResult;

    /// <summary>Published synchronously and stored, but a handler has not applied it yet; the stream completes it.</summary>
    /// <param name="Command">The command as stored.</param>
    public sealed record Pending(CommandModel Command) : PublishResult;

    /// <summary>The newest state says the same already; nothing was written.</summary>
    /// <param name="Current">The newest state.</param>
    public sealed record Unchanged(ItemModel Current) : PublishResult;

    /// <summary>The version that the caller has seen is not the newest; nothing was written.</summary>
    /// <param name="CurrentVersion">The newest version; 0 if the item does not exist.</param>
    public sealed record Conflict(long CurrentVersion) : PublishResult;

    /// <summary>Another item of the tenant has the code; nothing was written.</summary>
    /// <param name="Code">The code.</param>
    public sealed record CodeTaken(string Code) : PublishResult;

    /// <summary>A change was asked of an item that does not exist (or has expired); nothing was written.</summary>
    public sealed record NotFound : PublishResult;

    /// <summary>The input breaks a rule; nothing was written.</summary>
    /// <param name="Errors">The errors, by field.</param>
    public sealed record Rejected(IReadOnlyList<FieldError> Errors) : PublishResult;

    /// <summary>The command is larger than one item may be; nothing was written.</summary>
    /// <param name="Bytes">Its size in bytes.</param>
    /// <param name="MaxBytes">The limit in bytes.</param>
    public sealed record TooLarge(int Bytes, int MaxBytes) : PublishResult;

    /// <summary>An item in the way of the command is not what the kernel would have written; nothing was written.</summary>
    /// <param name="Message">The keys of the item, and why it cannot be read.</param>
    public sealed record Unreadable(string Message) : PublishResult;

    /// <summary>The idempotency key was used before, for another request; nothing was written.</summary>
    public sealed record IdempotencyMismatch : PublishResult;
}

/// <summary>A rule that a field breaks.</summary>
/// <param name="Field">The field, as the caller names it; nested ones with dots.</param>
/// <param name="Message">The error, worded to follow the name of the field.</param>
public sealed record FieldError(string Field, string Message);
