using Microsoft.AspNetCore.Builder;

namespace Cqrs.AspNetCore.Limits;

/// <summary>Requests that take long by their nature: what is limited is how many of them run at once, and they have no timeout.</summary>
public sealed record LongRequest
{
    public static readonly LongRequest Import = new(nameof(RateLimitOptions.Import));
    public static readonly LongRequest Export = new(nameof(RateLimitOptions.Export));
    public static readonly LongRequest Events = new(nameof(RateLimitOptions.Events));

    private LongRequest(string name) => Name = name;

    public string Name { get; }
}

public static class LongRequests
{
    /// <summary>Says of an endpoint that its requests are of such a kind.</summary>
    public static TBuilder RunsLong<TBuilder>(this TBuilder endpoint, LongRequest kind)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.WithMetadata(kind).DisableRequestTimeout();
        return endpoint;
    }
}
