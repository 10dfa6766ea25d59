using System.Runtime.CompilerServices;

namespace Cqrs.Items;

/// <summary>The caller, as <c>getUserContext</c> reads it from a verified token.</summary>
/// <param name="UserId">The subject of the token.</param>
/// <param name="TenantCode">The tenant that the call is for, lower-case.</param>
/// <param name="TenantRoles">The roles of the user in that tenant; those held everywhere only if there are none. Case matters.</param>
public sealed record UserContext(string UserId, string TenantCode, params IReadOnlyList<string> TenantRoles);

/// <summary>The call that a command comes from: its user, and what ties the command to the request.</summary>
/// <param name="User">The calling user.</param>
/// <param name="RequestId">Identifies the request in logs and on the command.</param>
/// <param name="SourceIp">The address the request came from; empty if it is not known.</param>
public sealed record InvokeContext(UserContext User, string RequestId, string SourceIp);

/// <summary>The data that a publish carries besides the command itself.</summary>
/// <param name="Source">Which code published it: see <see cref="CommandSource"/>.</param>
/// <param name="InvokeContext">The call that it comes from.</param>
/// <param name="Idempotency">Makes a repeat of the same request return the first answer; null to do without.</param>
/// <param name="RemembersWrite">Whether the user's own reads shall show the write before the read models do; one more write.</param>
public sealed record CommandOptions(
    string Source, InvokeContext InvokeContext, Idempotency? Idempotency = null, bool RemembersWrite = true);

/// <summary>A key that the caller chose for one request, so that repeating the request does no more than the first one did.</summary>
/// <param name="Key">The caller's key, up to 128 ASCII characters (and an element number).</param>
/// <param name="BodyHash">Hash of what was asked; a repeat with another hash is refused.</param>
public sealed record Idempotency(string Key, string BodyHash);

/// <summary>The <c>source</c> of a command.</summary>
public static class CommandSource
{
    /// <summary>
    /// Names the code that publishes a command: <c>[module]:Class.Method</c>, the format of <c>getCommandSource</c> in MBC CQRS
    /// Serverless.
    /// </summary>
    /// <param name="module">The module, for example <c>product</c>.</param>
    /// <param name="type">The class.</param>
    /// <param name="method">The method; the caller's own unless given.</param>
    public static string Get(string module, string type, [CallerMemberName] string method = "") => $"[{module}]:{type}.{method}";
}
