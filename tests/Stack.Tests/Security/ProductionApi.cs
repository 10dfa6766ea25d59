namespace StackTests.Security;

/// <summary>The API as it runs outside Development, with an identity provider of its own.</summary>
public sealed class ProductionApi(Stack stack) : IAsyncLifetime
{
    internal const int RequestsPerSecond = 40;

    private Issuer? _issuer;
    private ApiInProcess? _api;

    internal Issuer Issuer => _issuer ?? throw new InvalidOperationException("It is not started.");

    internal ApiInProcess Api => _api ?? throw new InvalidOperationException("It is not started.");

    public async ValueTask InitializeAsync()
    {
        _issuer = await Issuer.StartAsync();
        _api = new ApiInProcess(
            stack,
            "Production",
            dynamoDb: null,
            ("Authentication:Schemes:Bearer:Authority", _issuer.Authority),
            ("Authentication:Schemes:Bearer:RequireHttpsMetadata", "false"),
            ("Authentication:Schemes:Bearer:ValidAudiences:0", Issuer.Audience),
            ("RateLimit:RequestsPerSecond", $"{RequestsPerSecond}"));
        _api.StartServer();
    }

    public async ValueTask DisposeAsync()
    {
        if (_api is not null)
        {
            await _api.DisposeAsync();
        }

        if (_issuer is not null)
        {
            await _issuer.DisposeAsync();
        }
    }

    /// <summary>The API in the name of a user whom the identity provider knows.</summary>
    internal ApiClient Client(string? tenant = null, params (string Name, string? Json)[] claims)
    {
        tenant ??= Stack.NewTenant();
        return Api.Client(tenant, Issuer.Token(tenant, claims));
    }
}
