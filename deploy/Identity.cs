using Amazon.CDK;
using Amazon.CDK.AWS.Cognito;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>
/// The user pool. Accounts are made by administrators, who alone say of which tenant somebody is and with which roles: nobody signs up, and no
/// client may write these attributes.
/// </summary>
public sealed class Identity : Construct
{
    private const int LongestAttribute = 2048;

    public Identity(Construct scope, Settings settings, Address address)
        : base(scope, "Identity")
    {
        Pool = new UserPool(this, "Users", new UserPoolProps
        {
            SelfSignUpEnabled = false,
            SignInAliases = new SignInAliases { Email = true },
            AutoVerify = new AutoVerifiedAttrs { Email = true },
            AccountRecovery = AccountRecovery.EMAIL_ONLY,
            PasswordPolicy = new PasswordPolicy
            {
                MinLength = 12, RequireDigits = true, RequireLowercase = true, RequireUppercase = true, RequireSymbols = false, TempPasswordValidity = Duration.Days(3),
            },
            Mfa = Mfa.OPTIONAL,
            MfaSecondFactor = new MfaSecondFactor { Otp = true, Sms = false },
            CustomAttributes = new Dictionary<string, ICustomAttribute>
            {
                // In tokens they are custom:tenant and custom:roles.
                ["tenant"] = new StringAttribute(new StringAttributeProps { Mutable = true, MinLen = 1, MaxLen = 64 }),
                ["roles"] = new StringAttribute(new StringAttributeProps { Mutable = true, MaxLen = LongestAttribute }),
            },
            DeletionProtection = true,
            RemovalPolicy = RemovalPolicy.RETAIN,
        });

        Domain = Pool.AddDomain("SignIn", new UserPoolDomainOptions
        {
            CognitoDomain = new CognitoDomainOptions { DomainPrefix = settings.SignInPrefix ?? $"product-aspire-{Aws.ACCOUNT_ID}" },
        });

        var email = new StandardAttributesMask { Email = true };
        Client = Pool.AddClient("Web", new UserPoolClientOptions
        {
            // The authorization code alone, with the proof of PKCE; so there is no secret to keep.
            GenerateSecret = false,
            OAuth = new OAuthSettings
            {
                Flows = new OAuthFlows { AuthorizationCodeGrant = true, ImplicitCodeGrant = false, ClientCredentials = false },
                Scopes = [OAuthScope.OPENID, OAuthScope.PROFILE, OAuthScope.EMAIL],
                CallbackUrls = [$"{address.Url}/signin-oidc"],
                LogoutUrls = [$"{address.Url}/signout-callback-oidc"],
            },
            SupportedIdentityProviders = [UserPoolClientIdentityProvider.COGNITO],
            ReadAttributes = new ClientAttributes().WithStandardAttributes(email).WithCustomAttributes("tenant", "roles"),
            WriteAttributes = new ClientAttributes().WithStandardAttributes(email),
            // The API cannot take a token back: it is short, and renewed while the session lasts.
            IdTokenValidity = Duration.Minutes(15),
            AccessTokenValidity = Duration.Minutes(15),
            RefreshTokenValidity = Duration.Hours(24),
            EnableTokenRevocation = true,
            PreventUserExistenceErrors = true,
        });
    }

    public UserPool Pool { get; }

    public UserPoolClient Client { get; }

    public UserPoolDomain Domain { get; }

    /// <summary>The issuer of the tokens.</summary>
    public string Authority => Pool.UserPoolProviderUrl;
}
