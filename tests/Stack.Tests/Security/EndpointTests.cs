using Cqrs.AspNetCore.Limits;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace StackTests.Security;

/// <summary>No endpoint can be forgotten: each stands under a policy, or on the short list of those that are for everybody.</summary>
public sealed class EndpointTests(ProductionApi production, Stack stack) : IClassFixture<ProductionApi>
{
    private static readonly string[] ForEverybody = ["/health", "/alive"];

    [Fact]
    public void Every_endpoint_is_under_the_tenant_policy_or_for_system_admins_or_on_the_list()
    {
        var endpoints = EndpointsOf(production.Api);

        Assert.Empty(endpoints.Where(endpoint => !IsGuarded(endpoint)).Select(RouteOf).Except(ForEverybody));
        Assert.Contains(endpoints, endpoint => RouteOf(endpoint) == "/api/product/data/{pk}/{sk}");
    }

    [Fact]
    public async Task In_Development_no_more_is_open_than_tokens_and_descriptions()
    {
        await using var api = new ApiInProcess(stack, "Development", dynamoDb: null);
        api.StartServer();

        var open = EndpointsOf(api).Where(endpoint => !IsGuarded(endpoint)).Select(RouteOf).Distinct().Except(ForEverybody).ToList();

        Assert.Contains("/dev/token", open);
        Assert.All(open, route => Assert.True(
            route is "/dev/token" or "/openapi/{documentName}.json" || route.StartsWith("/scalar", StringComparison.Ordinal), $"{route} is open."));
    }

    [Theory]
    [InlineData("/api/product/data", true, "tenant")]
    [InlineData("/api/product/data/{pk}/{sk}/purge", true, "tenant", "tenant-admin")]
    [InlineData("/api/ops/sync", true, "system-admin")]
    [InlineData("/api/product/data", false, "system-admin")]
    [InlineData("/api/product/data", false, "")]
    [InlineData("/api/product/data", false)]
    public void An_endpoint_without_the_policy_would_be_found(string route, bool isGuarded, params string[] policies)
    {
        var metadata = policies.Select(policy => new AuthorizeAttribute(policy)).ToArray<object>();

        Assert.Equal(isGuarded, IsGuarded(Endpoint(route, metadata)));
        Assert.False(IsGuarded(Endpoint(route, [.. metadata, new AllowAnonymousAttribute()])));
    }

    [Theory]
    [InlineData("/api/product/data/{pk}/{sk}/purge", "tenant-admin")]
    [InlineData("/api/ops/sync", "system-admin")]
    [InlineData("/api/ops/parked", "system-admin")]
    [InlineData("/api/ops/parked/{id}/replay", "system-admin")]
    public void What_is_not_for_every_member_says_so(string route, string policy)
    {
        Assert.All(EndpointsOf(production.Api).Where(endpoint => RouteOf(endpoint) == route), endpoint => Assert.Contains(policy, PoliciesOf(endpoint)));
    }

    [Fact]
    public void Only_long_requests_have_no_time_limit_and_of_those_only_so_many_run_at_once()
    {
        var endpoints = EndpointsOf(production.Api);

        Assert.Equal(
            ["/api/product/events Events", "/api/product/export Export", "/api/product/import Import"],
            endpoints
                .Where(endpoint => endpoint.Metadata.GetMetadata<DisableRequestTimeoutAttribute>() is not null)
                .Select(endpoint => $"{RouteOf(endpoint)} {endpoint.Metadata.GetMetadata<LongRequest>()?.Name}")
                .Order(StringComparer.Ordinal));
    }

    private static List<RouteEndpoint> EndpointsOf(ApiInProcess api) =>
        [.. api.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>()];

    private static string RouteOf(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.Trim('/');

    private static IEnumerable<string?> PoliciesOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy);

    private static bool IsGuarded(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null
        && PoliciesOf(endpoint).Contains(RouteOf(endpoint).StartsWith("/api/ops/", StringComparison.Ordinal) ? "system-admin" : "tenant");

    private static RouteEndpoint Endpoint(string route, object[] metadata) =>
        new(_ => Task.CompletedTask, RoutePatternFactory.Parse(route), 0, new EndpointMetadataCollection(metadata), route);
}
