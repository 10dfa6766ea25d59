namespace Cqrs.AspNetCore.Limits;

/// <summary>
/// How much may be asked for, of each host. Configuration section <c>RateLimit</c>; 0 is no limit. In Development there are none unless they
/// are configured.
/// </summary>
public sealed class RateLimitOptions
{
    public static RateLimitOptions None => new()
    {
        RequestsPerSecond = 0,
        AnonymousRequestsPerSecond = 0,
        Import = new(),
        Export = new(),
        Events = new(),
    };

    /// <summary>For a user of a tenant; as many may come at once. Imports do not count.</summary>
    public int RequestsPerSecond { get; set; } = 500;

    /// <summary>For an address, of requests without a token that is good: they come to nothing but cost a look at the token.</summary>
    public int AnonymousRequestsPerSecond { get; set; } = 100;

    /// <summary>Imports that run.</summary>
    public AtOnce Import { get; set; } = new() { PerHost = 4, PerUser = 2 };

    /// <summary>Exports that run.</summary>
    public AtOnce Export { get; set; } = new() { PerHost = 8, PerUser = 2 };

    /// <summary>Streams of events that are open: each window of a browser has one.</summary>
    public AtOnce Events { get; set; } = new() { PerHost = 2000, PerUser = 50 };

    internal bool IsAny =>
        RequestsPerSecond + AnonymousRequestsPerSecond > 0 || new[] { Import, Export, Events }.Any(kind => kind.PerHost + kind.PerUser > 0);

    internal AtOnce Of(LongRequest kind) => kind.Name switch
    {
        nameof(Import) => Import,
        nameof(Export) => Export,
        nameof(Events) => Events,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind.Name, "There are no limits for requests of this kind."),
    };
}

/// <summary>How many requests may run at the same time.</summary>
public sealed class AtOnce
{
    public int PerHost { get; set; }

    public int PerUser { get; set; }
}
