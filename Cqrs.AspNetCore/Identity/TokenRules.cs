using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Tokens;

namespace Cqrs.AspNetCore.Identity;

/// <summary>Which tokens are taken, by the configuration section <c>Authentication:Schemes:Bearer</c>. One that is not safe is refused at the start.</summary>
internal static class TokenRules
{
    public const string Section = "Authentication:Schemes:Bearer";

    private const int MinKeyBits = 256;

    private static readonly string[] Asymmetric =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private static readonly string[] Symmetric = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512];

    public static string? AuthorityOf(IConfiguration bearer) => bearer["Authority"] is { Length: > 0 } authority ? authority : null;

    /// <summary>Throws if the configuration would let in who must not: outside Development, before the host starts.</summary>
    public static void Check(IConfiguration bearer)
    {
        if (Problems(bearer).ToList() is { Count: > 0 } problems)
        {
            throw new InvalidOperationException($"Outside Development: {string.Join(" ", problems)}");
        }
    }

    /// <summary>Nothing that is signed with a key of another kind than the issuer's: a public key is no secret to sign with.</summary>
    public static IEnumerable<string> Algorithms(IConfiguration bearer) => SigningKeys(bearer).Any() ? [.. Asymmetric, .. Symmetric] : Asymmetric;

    private static IEnumerable<string> Problems(IConfiguration bearer)
    {
        if (AuthorityOf(bearer) is null)
        {
            yield return $"{Section}:Authority must name who issues the tokens.";
        }

        if (bearer["ValidAudience"] is not { Length: > 0 }
            && !bearer.GetSection("ValidAudiences").GetChildren().Any(audience => audience.Value is { Length: > 0 }))
        {
            yield return $"{Section}:ValidAudiences must name this API: else a token for any other client of the issuer would be taken.";
        }

        foreach (var address in new[] { "Authority", "MetadataAddress" })
        {
            if (bearer[address] is { Length: > 0 } url
                && !url.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
                && !bool.FalseString.Equals(bearer["RequireHttpsMetadata"], StringComparison.OrdinalIgnoreCase))
            {
                yield return $"{Section}:{address} must be https (or RequireHttpsMetadata false): whoever is on the way could put in keys of their own.";
            }
        }

        var issuers = bearer.GetSection("ValidIssuers").GetChildren().Select(issuer => issuer.Value)
            .Concat(bearer.GetSection("SigningKeys").GetChildren().Select(key => key["Issuer"]))
            .Append(bearer["ValidIssuer"]);
        if (issuers.Contains(DevTokens.Issuer))
        {
            yield return $"the issuer {DevTokens.Issuer} is that of the tokens for development.";
        }

        foreach (var key in SigningKeys(bearer).Where(key => key.Bits < MinKeyBits))
        {
            yield return $"the signing key {key.Name} has {key.Bits} bits; at least {MinKeyBits} are needed.";
        }
    }

    private static IEnumerable<(string Name, int Bits)> SigningKeys(IConfiguration bearer) => bearer
        .GetSection("SigningKeys").GetChildren()
        .Select(key => (key["Id"] ?? key.Key, (TryDecode(key["Value"])?.Length ?? 0) * 8));

    private static byte[]? TryDecode(string? base64)
    {
        var bytes = new byte[base64?.Length ?? 0];
        return Convert.TryFromBase64String(base64 ?? "", bytes, out var length) ? bytes[..length] : null;
    }
}
