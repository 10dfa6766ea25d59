using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Cqrs.AspNetCore.Identity;

/// <summary>
/// Tokens for development: signed with a key that is made on first use and kept in the user's own application data, so that tokens stay
/// good when the API is started again and no key is ever in the repository.
/// </summary>
public static class DevTokens
{
    public const string Issuer = "product-aspire-dev";
    public const string Audience = "product-api";

    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(8);
    private static readonly Lazy<SymmetricSecurityKey> Key = new(() => new SymmetricSecurityKey(ReadOrCreateKey()) { KeyId = "dev" });

    public static SymmetricSecurityKey SigningKey => Key.Value;

    public static void MapDevTokens(this IEndpointRouteBuilder app) =>
        app.MapGet("/dev/token", (string? user, string? tenant, string? role, bool? global, int? expires) =>
                TypedResults.Text(Create(user, tenant, role, global == true, expires)))
            .AllowAnonymous()
            .WithSummary("A signed token for development");

    public static string Create(string? user, string? tenant, string? role, bool isGlobal, int? expiresInSeconds)
    {
        var now = DateTime.UtcNow;
        var expires = now + (expiresInSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultLifetime);
        var claims = new Dictionary<string, object> { ["sub"] = user ?? "dev" };
        if (!string.IsNullOrEmpty(tenant))
        {
            claims[TenantResolver.TenantClaim] = tenant;
        }

        if (!string.IsNullOrEmpty(role) && (isGlobal || !string.IsNullOrEmpty(tenant)))
        {
            claims[TenantResolver.RolesClaim] = JsonSerializer.Serialize(new[] { new { tenant = isGlobal ? "" : tenant, role } });
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            // A token that has expired was good before.
            NotBefore = expires < now ? expires.AddHours(-1) : now,
            IssuedAt = expires < now ? expires.AddHours(-1) : now,
            Expires = expires,
            Claims = claims,
            SigningCredentials = new SigningCredentials(SigningKey, SecurityAlgorithms.HmacSha256),
        });
    }

    private static byte[] ReadOrCreateKey()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        var folder = Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), "ProductAspire");
        var file = Path.Combine(folder, "dev-signing-key");
        Directory.CreateDirectory(folder);
        if (!File.Exists(file))
        {
            // Written aside and moved, so that two hosts that start at once end up with one whole key.
            var draft = Path.Combine(folder, Path.GetRandomFileName());
            File.WriteAllText(draft, Convert.ToBase64String(RandomNumberGenerator.GetBytes(64)));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            try
            {
                File.Move(draft, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(draft);
            }
        }

        return Convert.FromBase64String(File.ReadAllText(file));
    }
}
