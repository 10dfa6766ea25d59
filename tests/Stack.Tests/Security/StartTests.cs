namespace StackTests.Security;

/// <summary>Outside Development the API does not start with what would let in who must not.</summary>
public sealed class StartTests(Stack stack)
{
    private const string Bearer = "Authentication:Schemes:Bearer";
    private const string WeakKey = "c2hvcnQta2V5LW9mLTIzLWJ5dGVz";

    [Theory]
    [InlineData("Production", "Authority must name")]
    [InlineData("Staging", "Authority must name")]
    [InlineData("Production", "Authority must name", "Authority=", "ValidAudiences:0=api")]
    [InlineData("Production", "ValidAudiences must name", "Authority=https://issuer.example")]
    [InlineData("Production", "ValidAudiences must name", "Authority=https://issuer.example", "ValidAudiences:0=")]
    [InlineData("Production", "Authority must be https", "Authority=http://issuer.example", "ValidAudiences:0=api")]
    [InlineData("Production", "MetadataAddress must be https", "Authority=https://issuer.example", "MetadataAddress=http://issuer.example/x", "ValidAudiences:0=api")]
    [InlineData("Production", "for development", "Authority=https://issuer.example", "ValidAudiences:0=api", "ValidIssuer=product-aspire-dev")]
    [InlineData("Production", "at least 256", "Authority=https://issuer.example", "ValidAudiences:0=api", "SigningKeys:0:Issuer=i", $"SigningKeys:0:Value={WeakKey}")]
    [InlineData("Production", "at least 256", "Authority=https://issuer.example", "ValidAudiences:0=api", "SigningKeys:0:Issuer=i", "SigningKeys:0:Value=not base64!")]
    public async Task The_API_does_not_start(string environment, string because, params string[] settings)
    {
        await using var api = new ApiInProcess(
            stack, environment, dynamoDb: null, [.. settings.Select(setting => setting.Split('=', 2)).Select(pair => ($"{Bearer}:{pair[0]}", (string?)pair[1]))]);

        var refusal = Assert.Throws<InvalidOperationException>(api.StartServer);

        Assert.Contains(because, refusal.Message);
        Assert.DoesNotContain(WeakKey, refusal.ToString());
    }
}
