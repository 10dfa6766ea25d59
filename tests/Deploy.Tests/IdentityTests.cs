namespace DeployTests;

/// <summary>Who may sign in, and what they may say of themselves.</summary>
public sealed class IdentityTests(Synthesis synthesis)
{
    private Template Template => synthesis.Template;

    private Resource Pool => Template.Single("AWS::Cognito::UserPool");

    private Resource Client => Template.Single("AWS::Cognito::UserPoolClient");

    [Fact]
    public void Accounts_have_a_tenant_and_roles_and_are_made_by_administrators_alone()
    {
        Assert.Equal(["roles", "tenant"], Pool["Schema"]!.AsArray().Select(attribute => attribute!["Name"]!.GetValue<string>()).Order());
        Assert.True(Pool["AdminCreateUserConfig"]!["AllowAdminCreateUserOnly"]!.GetValue<bool>());
        Assert.Equal("ACTIVE", Pool.Text("DeletionProtection"));
    }

    [Fact]
    public void Tokens_carry_tenant_and_roles_and_nobody_can_change_their_own()
    {
        Assert.Superset(new HashSet<string> { "custom:tenant", "custom:roles" }, List("ReadAttributes").ToHashSet());
        Assert.Equal(["email"], List("WriteAttributes"));
        Assert.DoesNotContain("aws.cognito.signin.user.admin", List("AllowedOAuthScopes"));
    }

    [Fact]
    public void People_sign_in_by_the_authorization_code_and_come_back_to_the_web()
    {
        Assert.Equal(["code"], List("AllowedOAuthFlows"));
        Assert.False(Client["GenerateSecret"]!.GetValue<bool>());
        Assert.Contains("""["https://",{"Ref":"Domain"},"/signin-oidc"]""", Client["CallbackURLs"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("""["https://",{"Ref":"Domain"},"/signout-callback-oidc"]""", Client["LogoutURLs"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_API_takes_the_tokens_that_the_web_is_given()
    {
        var (api, web) = (Template.EnvironmentOf("PlatformApi"), Template.EnvironmentOf("PlatformWeb"));

        Assert.Equal(web["Authentication__Schemes__OpenIdConnect__Authority"], api["Authentication__Schemes__Bearer__Authority"]);
        Assert.Equal(web["Authentication__Schemes__OpenIdConnect__ClientId"], api["Authentication__Schemes__Bearer__ValidAudiences__0"]);
        Assert.Contains(Client.Id, api["Authentication__Schemes__Bearer__ValidAudiences__0"], StringComparison.Ordinal);
        // Of Cognito's tokens only that one has the tenant.
        Assert.Equal("id_token", web["Authentication__Schemes__OpenIdConnect__ApiToken"]);
    }

    private IEnumerable<string> List(string property) => Client[property]!.AsArray().Select(item => item!.GetValue<string>());
}
