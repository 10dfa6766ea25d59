using Cqrs.Publishing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cqrs.AspNetCore.Http;

/// <summary>The errors of the API: RFC 9457 problem details with an extension <c>code</c> that programs can go by.</summary>
public static class Problems
{
    internal const string UnreadableItem = "unreadable-item";

    public static ProblemHttpResult Of(int status, string code, string detail, params (string Name, object? Value)[] extensions) =>
        TypedResults.Problem(
            statusCode: status,
            detail: detail,
            extensions: extensions.Prepend(("code", code)).ToDictionary(e => e.Item1, e => e.Item2));

    /// <summary>400, with what is wrong by field.</summary>
    public static ProblemHttpResult Validation(IReadOnlyCollection<FieldError> errors)
    {
        var byField = errors.GroupBy(error => error.Field).ToDictionary(group => group.Key, group => group.Select(e => e.Message).ToArray());
        var code = errors.First().Field switch
        {
            "sk" or "pk" or "id" or "path" => "invalid-key",
            "version" or "If-Match" => "invalid-version",
            _ => "validation",
        };
        return Of(StatusCodes.Status400BadRequest, code, Describe(errors), ("errors", byField));
    }

    public static ProblemHttpResult Validation(string field, string message) => Validation([new(field, message)]);

    public static ProblemHttpResult NotFound(string what) =>
        Of(StatusCodes.Status404NotFound, "not-found", $"There is no {what}.");

    public static ProblemHttpResult TenantMismatch() =>
        Of(StatusCodes.Status403Forbidden, "tenant-mismatch", "The request names a key of another tenant.");

    /// <summary>503; the caller of this adds when to try again.</summary>
    public static ProblemHttpResult Unavailable(string detail) =>
        Of(StatusCodes.Status503ServiceUnavailable, "unavailable", detail);

    public static ProblemHttpResult TooLarge(string detail) =>
        Of(StatusCodes.Status413PayloadTooLarge, "too-large", detail);

    /// <summary>Returns the problem that a publish came to; the outcomes that are none have no place here.</summary>
    public static ProblemHttpResult Of(PublishResult result) => result switch
    {
        PublishResult.Conflict(var current) => Of(
            StatusCodes.Status409Conflict,
            "version-conflict",
            current == 0 ? "The item does not exist yet." : $"The newest version is {current}.",
            ("currentVersion", current)),
        PublishResult.CodeTaken(var taken) => Of(
            StatusCodes.Status409Conflict, "code-taken", $"Another item of the tenant has the code {taken}."),
        PublishResult.NotFound => NotFound("such item"),
        PublishResult.Rejected(var errors) => Validation(errors),
        PublishResult.TooLarge(var bytes, var max) => TooLarge($"The item would have {bytes} bytes; at most {max} are possible."),
        PublishResult.Unreadable(var message) => Of(StatusCodes.Status500InternalServerError, UnreadableItem, message),
        PublishResult.IdempotencyMismatch => Of(
            StatusCodes.Status422UnprocessableEntity,
            "idempotency-mismatch",
            "The idempotency key was used for another request."),
        _ => throw new ArgumentOutOfRangeException(nameof(result), result.GetType().Name, "This outcome is no problem."),
    };

    private static string Describe(IEnumerable<FieldError> errors) => string.Join("; ", errors.Select(e => $"{e.Field} {e.Message}")) + ".";
}
