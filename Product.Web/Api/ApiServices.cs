using Microsoft.Extensions.Http.Resilience;

namespace Product.Web.Api;

public static class ApiServices
{
    /// <summary>As service discovery knows the API.</summary>
    public static readonly Uri Address = new("https+http://product-api");

    private const string AddressKey = "services:product-api:http:0";
    private const string AddressWithoutHyphenKey = "PRODUCT_API_HTTP";

    public static void AddProductApi(this IHostApplicationBuilder builder)
    {
        // The name that service discovery reads has a hyphen, and some shells do not hand such variables on.
        if (builder.Configuration[AddressKey] is null && builder.Configuration[AddressWithoutHyphenKey] is { } address)
        {
            builder.Configuration[AddressKey] = address;
        }

        var services = builder.Services;
        services.AddTransient<BearerTokenHandler>();
        services.AddHttpClient<ApiConnection>(http => http.BaseAddress = Address).AddHttpMessageHandler<BearerTokenHandler>();
        services.AddTransient<ProductApiClient>();
        services.AddSingleton<ProductStreams>();
#pragma warning disable EXTEXP0001 // There is no other way to be without what every client has by default.
        services.AddHttpClient(ProductStreams.HttpClientName, http => (http.BaseAddress, http.Timeout) = (Address, Timeout.InfiniteTimeSpan))
            .RemoveAllResilienceHandlers()
            .AddHttpMessageHandler<BearerTokenHandler>();
#pragma warning restore EXTEXP0001

        // A person waits for the answer: few retries, soon. A write whose answer is lost may have been carried out; to send it again
        // could turn its success into a conflict.
        services.ConfigureAll<HttpStandardResilienceOptions>(options =>
        {
            options.Retry.MaxRetryAttempts = 2;
            options.Retry.Delay = TimeSpan.FromMilliseconds(200);
            options.Retry.ShouldRetryAfterHeader = false;
            options.Retry.DisableForUnsafeHttpMethods();
            // When the API is back, a person who tries again does not wait for the circuit.
            options.CircuitBreaker.BreakDuration = TimeSpan.FromSeconds(1);
        });
    }
}
