using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ProductAspire.ServiceDefaults;

/// <summary>Limits of the server for a connection. Beyond them it answers by itself: 414 for a request line, 431 for headers, 408 for a slow sender.</summary>
internal static class ServerLimits
{
    private const int MaxHeaderBytes = 16 * 1024;
    private const int MaxConnections = 10_000;

    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Those that differ from the server's defaults. Configuration section <c>Kestrel:Limits</c> moves them all.</summary>
    public static void AddServerLimits(this IHostApplicationBuilder builder) => builder.Services.Configure<KestrelServerOptions>(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = MaxConnections;
        builder.Configuration.GetSection("Kestrel:Limits").Bind(kestrel.Limits);
    });
}
