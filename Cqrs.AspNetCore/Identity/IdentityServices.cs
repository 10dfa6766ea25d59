using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Cqrs.AspNetCore.Identity;

/// <summary>Lets callers in by JWT bearer tokens, always verified in full.</summary>
public static class IdentityServices
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    public static void AddIdentity(this WebApplicationBuilder builder)
    {
        var bearer = builder.Configuration.GetSection(TokenRules.Section);
        if (!builder.Environment.IsDevelopment())
        {
            TokenRules.Check(bearer);
        }

        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            // That a token is not taken is all that a stranger is told of it.
            options.Events = new JwtBearerEvents
            {
                OnChallenge = context =>
                {
                    context.ErrorDescription = null;
                    return Task.CompletedTask;
                },
                OnTokenValidated = context =>
                {
                    if (context.SecurityToken is not JsonWebToken token || !TokenForm.IsSound(token))
                    {
                        context.Fail("The token says what is not agreed.");
                    }

                    return Task.CompletedTask;
                },
            };
            var rules = options.TokenValidationParameters;
            // Taken from configuration alone, they would be off where it names no issuer or audience.
            rules.ValidateIssuer = true;
            rules.ValidateAudience = true;
            rules.RequireExpirationTime = true;
            rules.RequireSignedTokens = true;
            if (TokenRules.AuthorityOf(bearer) is null)
            {
                rules.ClockSkew = TimeSpan.Zero;
                rules.ValidIssuer = DevTokens.Issuer;
                rules.ValidAudience = DevTokens.Audience;
                rules.IssuerSigningKey = DevTokens.SigningKey;
                rules.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
            }
            else
            {
                rules.ClockSkew = ClockSkew;
                rules.ValidAlgorithms = TokenRules.Algorithms(bearer);
            }
        });

        builder.Services.Configure<TenancyOptions>(builder.Configuration.GetSection("Tenancy"));
        builder.Services.AddSingleton<TenantResolver>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<IAuthorizationHandler, TenantPolicy>();
        builder.Services.AddSingleton<IAuthorizationHandler, SystemAdminPolicy>();
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(SystemAdminPolicy.Name, policy => policy.RequireAuthenticatedUser().AddRequirements(new SystemAdminRequirement()))
            .AddPolicy(TenantPolicy.Name, policy => policy.RequireAuthenticatedUser().AddRequirements(new TenantRequirement()))
            .AddPolicy(TenantPolicy.Admins, policy => policy
                .RequireAuthenticatedUser()
                .AddRequirements(new TenantRequirement("admin", SystemAdminPolicy.Role)));
    }
}
