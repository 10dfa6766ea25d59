using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace Modules.Identity;

/// <summary>Who may call: JWT bearer tokens, always verified in full.</summary>
public static class IdentityServices
{
    public static void AddIdentity(this WebApplicationBuilder builder)
    {
        var authentication = builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme);
        var authority = builder.Configuration["Authentication:Schemes:Bearer:Authority"];
        if (!builder.Environment.IsDevelopment() && string.IsNullOrEmpty(authority))
        {
            throw new InvalidOperationException(
                "Outside Development, Authentication:Schemes:Bearer:Authority must name who issues the tokens.");
        }

        authentication.AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            options.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(string.IsNullOrEmpty(authority) ? 0 : 30);
            options.TokenValidationParameters.RequireExpirationTime = true;
            options.TokenValidationParameters.RequireSignedTokens = true;
            if (string.IsNullOrEmpty(authority))
            {
                options.TokenValidationParameters.ValidIssuer = DevTokens.Issuer;
                options.TokenValidationParameters.ValidAudience = DevTokens.Audience;
                options.TokenValidationParameters.IssuerSigningKey = DevTokens.SigningKey;
                options.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
            }
        });

        builder.Services.Configure<TenancyOptions>(builder.Configuration.GetSection("Tenancy"));
        builder.Services.AddSingleton<TenantResolver>();
        builder.Services.AddSingleton<IAuthorizationHandler, TenantPolicy>();
        builder.Services.AddSingleton<IAuthorizationHandler, SystemAdminPolicy>();
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(SystemAdminPolicy.Name, policy => policy.RequireAuthenticatedUser().AddRequirements(new SystemAdminRequirement()))
            .AddPolicy(TenantPolicy.Name, policy => policy.RequireAuthenticatedUser().AddRequirements(new TenantRequirement()));
    }
}
