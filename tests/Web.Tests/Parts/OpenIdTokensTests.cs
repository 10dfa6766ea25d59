using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Product.Web.Api;
using Product.Web.Identity;
using Product.Web.Identity.OpenId;

namespace WebTests.Parts;

public sealed class OpenIdTokensTests : IDisposable
{
    private readonly Provider provider = new();
    private readonly ClaimsPrincipal user = new SignedInUser("ann", "acme", null, false).ToPrincipal("test");
    private readonly OpenIdTokens tokens;

    public OpenIdTokensTests()
    {
        var openId = new OpenIdConnectOptions
        {
            ClientId = "web",
            Backchannel = new(provider),
            ConfigurationManager = new StaticConfigurationManager<OpenIdConnectConfiguration>(new() { TokenEndpoint = "http://provider/token" }),
        };
        tokens = new(
            new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())), new EphemeralDataProtectionProvider(), new Only(openId),
            Options.Create(new OpenIdTokenOptions()), TimeProvider.System);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => provider.Dispose();

    [Fact]
    public async Task A_renewal_goes_on_when_who_asked_for_it_has_left_for_its_refresh_token_is_used_up()
    {
        await StartExpiredAsync();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var given = tokens.GetAsync(user, null, leaving.Token).AsTask();
        await provider.Asked.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        provider.MayAnswer.SetResult();
        Assert.Equal("new", await tokens.GetAsync(user, null, Cancellation));
        Assert.Equal(1, provider.Renewals);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, 401)]
    [InlineData(HttpStatusCode.Unauthorized, 401)]
    [InlineData(HttpStatusCode.TooManyRequests, 503)]
    [InlineData(HttpStatusCode.InternalServerError, 503)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 503)]
    public async Task Only_a_provider_that_refuses_the_refresh_token_has_ended_the_session(HttpStatusCode answer, int told)
    {
        await StartExpiredAsync();
        provider.MayAnswer.SetResult();
        provider.Status = answer;
        var failure = await Assert.ThrowsAsync<ApiException>(async () => await tokens.GetAsync(user, null, Cancellation));
        Assert.Equal(told, failure.Problem.Status);

        provider.Status = HttpStatusCode.OK;
        Assert.Equal("new", await tokens.GetAsync(user, null, Cancellation));
    }

    private Task StartExpiredAsync() => tokens.StartAsync(
        user, new("""{"access_token":"old","refresh_token":"once","expires_in":"0"}"""), Cancellation);

    private sealed class Provider : HttpMessageHandler
    {
        public TaskCompletionSource Asked { get; } = new();

        public TaskCompletionSource MayAnswer { get; } = new();

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public int Renewals { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Renewals++;
            Asked.TrySetResult();
            await MayAnswer.Task.WaitAsync(cancellationToken);
            return new(Status) { Content = new StringContent("""{"access_token":"new","refresh_token":"next","expires_in":"3600"}""") };
        }
    }

    private sealed class Only(OpenIdConnectOptions options) : IOptionsMonitor<OpenIdConnectOptions>
    {
        public OpenIdConnectOptions CurrentValue => options;

        public OpenIdConnectOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<OpenIdConnectOptions, string?> listener) => null;
    }
}
