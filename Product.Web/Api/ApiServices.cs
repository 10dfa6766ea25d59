using Microsoft.Extensions.Http.Resilience;

namespace Product.Web.Api;

public static class ApiServices
{
    /// <summary>As service discovery knows the API.</summary>
    public static readonly Uri Address = new("https+http://product-api");

    public static IServiceCollection AddProductApi(this IServiceCollection services)
    {
        services.AddTransient<BearerTokenHandler>();
        services.AddHttpClient<ProductApiClient>(http => http.BaseAddress = Address).AddHttpMessageHandler<BearerTokenHandler>();

        // A person waits for the answer: few retries, soon. A write whose answer is lost may have been carried out; to send it again
        // could turn its success into a conflict.
        services.ConfigureAll<HttpStandardResilienceOptions>(options =>
        {
            options.Retry.MaxRetryAttempts = 2;
            options.Retry.Delay = TimeSpan.FromMilliseconds(200);
            options.Retry.ShouldRetryAfterHeader = false;
            options.Retry.DisableForUnsafeHttpMethods();
        });
        return services;
    }
}
