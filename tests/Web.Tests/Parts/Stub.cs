using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Product.Web.Api;
using Product.Web.Identity;
using ProductAspire.ServiceDefaults;

namespace WebTests.Parts;

/// <summary>The Web's client of the API as it is put together in the Web, with answers made up here in the place of the network.</summary>
internal sealed class Stub : HttpMessageHandler
{
    private readonly Queue<Func<HttpRequestMessage, HttpResponseMessage>> answers = new();
    private readonly ServiceProvider services;

    public Stub()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddServiceDefaults();
        builder.AddProductApi();
        builder.Services.AddSingleton<IApiTokens>(Tokens);
        builder.Services.AddScoped<AuthenticationStateProvider, Ann>();
        builder.Services.ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler(() => this));
        services = builder.Services.BuildServiceProvider();
        Client = services.GetRequiredService<ProductApiClient>();
    }

    public ProductApiClient Client { get; }

    public ApiConnection Connection => services.GetRequiredService<ApiConnection>();

    public ProductStreams Streams => services.GetRequiredService<ProductStreams>();

    public CountedTokens Tokens { get; } = new();

    public List<string> Requests { get; } = [];

    public Stub Answers(HttpStatusCode status, string? json = null, string mediaType = "application/json")
    {
        answers.Enqueue(_ => new(status) { Content = new StringContent(json ?? "", null, mediaType) });
        return this;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add($"{request.Method} {request.RequestUri!.PathAndQuery} {request.Headers.Authorization}");
        var answer = answers.Count > 1 ? answers.Dequeue() : answers.Peek();
        return Task.FromResult(answer(request));
    }

    protected override void Dispose(bool disposing)
    {
        services.Dispose();
        base.Dispose(disposing);
    }

    internal sealed class CountedTokens : IApiTokens
    {
        private int last = 1;

        public ValueTask<string> GetAsync(ClaimsPrincipal user, string? refused, CancellationToken cancellationToken) =>
            new($"token-{(refused is null ? last : ++last)}");
    }

    private sealed class Ann : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(new SignedInUser("ann", "acme", null, false).ToPrincipal("test")));
    }
}
