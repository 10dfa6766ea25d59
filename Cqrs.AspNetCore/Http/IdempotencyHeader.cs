using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cqrs.Items;
using Cqrs.Publishing;
using Microsoft.AspNetCore.Http;

namespace Cqrs.AspNetCore.Http;

/// <summary>The header <c>Idempotency-Key</c>: makes a repeat of a request do no more than the first one did.</summary>
public static class IdempotencyHeader
{
    public const string Name = "Idempotency-Key";

    private const int MaxLength = 128;

    /// <summary>Checks a header that carries a token of the caller's; returns the error, or null.</summary>
    public static FieldError? Check(HttpRequest request, string header) =>
        request.Headers[header] is { Count: > 0 } values
        && (values.Count > 1 || values[0] is not { Length: >= 1 and <= MaxLength } value || value.Any(c => c is < ' ' or > '~'))
            ? new FieldError(header, $"must be 1 to {MaxLength} printable ASCII characters")
            : null;

    /// <param name="request">The request, whose header is valid.</param>
    /// <param name="body">The body of the request.</param>
    /// <param name="element">The place in a bulk request; each element has a key of its own.</param>
    public static Idempotency? Read(HttpRequest request, JsonElement body, int? element = null)
    {
        if (request.Headers[Name] is not [{ } key])
        {
            return null;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.QueryString}\n{body.GetRawText()}")));
        return new Idempotency(KeyOf(key, element), hash);
    }

    // No key of a request can be equal to that of an element of another one.
    internal static string KeyOf(string key, int? element)
    {
        var part = Keys.EscapePart(key, '/');
        return element is null ? part : $"{part}/{element}";
    }
}
