using System.Buffers.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Cqrs.AspNetCore.Identity;

/// <summary>Checks the form of a token where the library does not: it takes a user that is a number for a text, and passes over <c>crit</c>.</summary>
internal static class TokenForm
{
    // A token in which no name stands twice has one meaning for every program that reads it.
    private static readonly JsonDocumentOptions Unique = new() { AllowDuplicateProperties = false };

    public static bool IsSound(JsonWebToken token)
    {
        try
        {
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(token.EncodedHeader), Unique);
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(token.EncodedPayload), Unique);
            // By RFC 7515, crit names extensions that must be understood, and no extension is.
            return !header.RootElement.TryGetProperty("crit", out _)
                && (!payload.RootElement.TryGetProperty(TenantResolver.UserClaim, out var user) || user.ValueKind == JsonValueKind.String);
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            return false;
        }
    }
}
