using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Product.Web.Identity;

namespace WebTests.Parts;

public sealed class SiteCookiesTests
{
    [Theory]
    [InlineData("Development", "product-web", CookieSecurePolicy.SameAsRequest)]
    [InlineData("Production", "__Host-product-web", CookieSecurePolicy.Always)]
    public void Outside_Development_a_cookie_is_for_this_host_and_HTTPS_alone(string environment, string name, CookieSecurePolicy policy)
    {
        var cookie = new CookieBuilder();
        cookie.Protect("product-web", SameSiteMode.Lax, BuilderOf(environment).Environment);

        Assert.Equal((name, policy, "/", true), (cookie.Name, cookie.SecurePolicy, cookie.Path, cookie.HttpOnly));
        Assert.Null(cookie.Domain);
    }

    [Fact]
    public void Replicas_that_share_a_folder_read_one_anothers_cookies_and_others_do_not()
    {
        var folder = Directory.CreateTempSubdirectory("keys");
        var other = Directory.CreateTempSubdirectory("keys");
        try
        {
            var cookie = ProtectorOf(folder).Protect("ann");

            Assert.Equal("ann", ProtectorOf(folder).Unprotect(cookie));
            Assert.Throws<CryptographicException>(() => ProtectorOf(other).Unprotect(cookie));
        }
        finally
        {
            folder.Delete(recursive: true);
            other.Delete(recursive: true);
        }
    }

    private static IDataProtector ProtectorOf(DirectoryInfo folder)
    {
        var builder = BuilderOf("Production");
        builder.Configuration["DataProtection:KeysFolder"] = folder.FullName;
        builder.AddKeyRing();
        return builder.Build().Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("cookies");
    }

    private static WebApplicationBuilder BuilderOf(string environment) =>
        WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
}
