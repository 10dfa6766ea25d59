using Cqrs.AspNetCore.Events;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Limits;
using Cqrs.AspNetCore.Operations;
using Cqrs.Items;
using Cqrs.Postgres;
using Cqrs.Postgres.Hosting;
using Cqrs.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Cqrs.AspNetCore.Hosting;

/// <summary>Makes a web application the API of its modules.</summary>
public static class CqrsApi
{
    /// <summary>
    /// Adds what the endpoints of all modules need: identity and tenants, limits, problem details, events. The host is ready when DynamoDB is; only some
    /// requests need Postgres.
    /// </summary>
    public static void AddCqrsApi(this WebApplicationBuilder builder)
    {
        builder.AddIdentity();
        builder.AddRateLimits();
        builder.AddTimeLimits();
        builder.AddEventHub();
        builder.AddCommandHints();
        builder.Services.AddSingleton(provider =>
        {
            var requests = provider.GetRequiredService<IHttpContextAccessor>();
            return new CurrentTenant(() => requests.HttpContext?.Features.Get<UserContext>()?.TenantCode);
        });
        builder.Services.Configure<EventStreamOptions>(builder.Configuration.GetSection("Events"));
        builder.Services.Configure<StreamOptions>(builder.Configuration.GetSection("Stream"));
        builder.Services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = ProblemCodes.Customize);
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        builder.Services.AddExceptionHandler<FaultHandler>();
        builder.Services.AddHealthChecks().AddCheck<DynamoDbHealthCheck>("dynamodb");
        builder.Services.Configure<ReadModelHealth>(health => health.WithoutPostgres = HealthStatus.Degraded);
    }

    /// <summary>Puts the pipeline of the API in place. The endpoints of the modules are mapped after it.</summary>
    public static void UseCqrsApi(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseResponseHeaders();
        app.UseStatusCodePages();
        app.UseRoutingByRawPath();
        app.UseLoadShedding();
        app.UseRequestTimeouts();
        app.UseAuthentication();
        // The rate limiter comes after authentication: it counts by user, and it counts refusals too.
        app.UseRateLimiter();
        app.UseAuthorization();
        app.MapOps();
        if (app.Environment.IsDevelopment())
        {
            app.MapDevTokens();
        }
    }
}
