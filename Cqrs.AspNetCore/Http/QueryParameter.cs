using Microsoft.AspNetCore.Builder;

namespace Cqrs.AspNetCore.Http;

/// <summary>A query parameter, for the API's description: endpoints read their query by <see cref="QueryReader"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">The effect, for the OpenAPI document.</param>
/// <param name="Sample">A value of its type: the default, if it has one. Null: a text without default.</param>
/// <param name="HasDefault">Whether the sample is the default.</param>
public sealed record QueryParameter(string Name, string Description, object? Sample = null, bool HasDefault = true);

/// <summary>A request header, for the API's description.</summary>
public sealed record HeaderParameter(string Name, string Description);

public static class ParameterDescriptions
{
    public static TBuilder WithQuery<TBuilder>(this TBuilder endpoint, params QueryParameter[] parameters)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata([.. parameters]);

    public static TBuilder WithHeader<TBuilder>(this TBuilder endpoint, string name, string description)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new HeaderParameter(name, description));
}
