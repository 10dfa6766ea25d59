using System.Security.Claims;
using Product.Web.Identity;
using Product.Web.Identity.OpenId;

namespace WebTests.Parts;

public sealed class OpenIdClaimsTests
{
    [Theory]
    [InlineData("""[{"tenant":"","role":"system_admin"}]""", "system_admin", true)]
    [InlineData("""[{"tenant":"","role":"system_admin"},{"tenant":"Acme","role":"reader"}]""", "reader", false)]
    [InlineData("""[{"tenant":"other","role":"admin"}]""", null, false)]
    [InlineData("""[null]""", null, false)]
    [InlineData("""{"role":"admin"}""", null, false)]
    [InlineData(null, null, false)]
    public void A_role_in_the_tenant_counts_before_one_that_is_held_everywhere(string? roles, string? role, bool isGlobal) =>
        Assert.Equal(
            new SignedInUser("Ann", "acme", role, isGlobal), OpenIdClaims.ToUser(Account(("name", "Ann"), ("custom:tenant", "ACME"), ("custom:roles", roles))));

    [Fact]
    public void An_account_is_called_what_it_calls_itself_and_needs_a_tenant()
    {
        Assert.Equal("u-1", OpenIdClaims.ToUser(Account(("custom:tenant", "acme")))!.Name);
        Assert.Equal("ann", OpenIdClaims.ToUser(Account(("custom:tenant", "acme"), ("preferred_username", "ann")))!.Name);
        Assert.Null(OpenIdClaims.ToUser(Account(("name", "Ann"))));
    }

    // The Kelvin sign is a k when it is lower-cased.
    [Theory]
    [InlineData("\u212Aelvin")]
    [InlineData("acme\u00AD")]
    public void A_tenant_with_other_characters_than_ASCII_is_none(string tenant) =>
        Assert.Null(OpenIdClaims.ToUser(Account(("name", "Ann"), ("custom:tenant", tenant))));

    private static ClaimsPrincipal Account(params (string Type, string? Value)[] claims) => new(new ClaimsIdentity(
        claims.Append(("sub", "u-1")).Where(claim => claim.Item2 is not null).Select(claim => new Claim(claim.Item1, claim.Item2!)), "test"));
}
