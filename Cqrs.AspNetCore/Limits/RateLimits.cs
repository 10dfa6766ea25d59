using System.Globalization;
using System.Threading.RateLimiting;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cqrs.AspNetCore.Limits;

/// <summary>
/// Keeps one caller from taking the host for itself: requests per second for each user of a tenant (or address, if nobody is signed in), and long
/// requests by how many run at once. What is too much is a 429 that says when to come back.
/// </summary>
public static class RateLimits
{
    private static readonly TimeSpan ComeBackToLongRequests = TimeSpan.FromSeconds(5);

    public static void AddRateLimits(this WebApplicationBuilder builder)
    {
        var limits = builder.Environment.IsDevelopment() ? RateLimitOptions.None : new RateLimitOptions();
        builder.Configuration.GetSection("RateLimit").Bind(limits);
        builder.Services.AddRateLimiter(options =>
        {
            options.OnRejected = (rejected, _) => RejectAsync(rejected);
            if (limits.IsAny)
            {
                options.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                    PartitionedRateLimiter.Create<HttpContext, Share>(http => PerSecond(http, limits)),
                    PartitionedRateLimiter.Create<HttpContext, Share>(http => AtOnceOnHost(http, limits)),
                    PartitionedRateLimiter.Create<HttpContext, Share>(http => AtOnceOfUser(http, limits)));
            }
        });
    }

    private static RateLimitPartition<Share> PerSecond(HttpContext http, RateLimitOptions limits)
    {
        var share = Share.Of(http, "second");
        var perSecond = share.User is null ? limits.AnonymousRequestsPerSecond
            : KindOf(http) == LongRequest.Import ? 0
            : limits.RequestsPerSecond;
        return perSecond == 0
            ? Share.Unlimited
            : RateLimitPartition.GetTokenBucketLimiter(share, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = perSecond,
                TokensPerPeriod = perSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            });
    }

    private static RateLimitPartition<Share> AtOnceOnHost(HttpContext http, RateLimitOptions limits) =>
        KindOf(http) is { } kind ? AtOnce(new Share(kind.Name), limits.Of(kind).PerHost) : Share.Unlimited;

    private static RateLimitPartition<Share> AtOnceOfUser(HttpContext http, RateLimitOptions limits) =>
        KindOf(http) is { } kind ? AtOnce(Share.Of(http, kind.Name), limits.Of(kind).PerUser) : Share.Unlimited;

    private static RateLimitPartition<Share> AtOnce(Share share, int max) => max == 0
        ? Share.Unlimited
        : RateLimitPartition.GetConcurrencyLimiter(share, _ => new ConcurrencyLimiterOptions { PermitLimit = max });

    private static LongRequest? KindOf(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<LongRequest>();

    private static async ValueTask RejectAsync(OnRejectedContext rejected)
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var left) ? left : ComeBackToLongRequests;
        rejected.HttpContext.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await Problems
            .Of(StatusCodes.Status429TooManyRequests, "too-many-requests", "This is more than one caller may ask for. Wait, then go on.")
            .ExecuteAsync(rejected.HttpContext);
    }

    /// <summary>The requests that are counted together: those of a kind, of a user of a tenant or else of an address.</summary>
    private readonly record struct Share(string Kind, string? Tenant = null, string? User = null, string? Address = null)
    {
        // One for all: a limiter that limits nothing is never forgotten.
        public static readonly RateLimitPartition<Share> Unlimited = RateLimitPartition.GetNoLimiter(new Share("unlimited"));

        public static Share Of(HttpContext http, string kind)
        {
            if (TenantResolver.GetUserId(http.User) is not { } user)
            {
                return new Share(kind, Address: http.Connection.RemoteIpAddress?.ToString());
            }

            var tenants = http.RequestServices.GetRequiredService<TenantResolver>();
            var context = tenants.GetUserContext(http.User, http.Request.Headers[TenantResolver.TenantHeader]);
            return new Share(kind, context?.TenantCode, user);
        }
    }
}
