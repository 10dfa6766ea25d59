using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Cqrs.Publishing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Validation;

namespace Cqrs.AspNetCore.Http;

/// <summary>
/// A JSON request body that says by field what is wrong with it. Endpoints see only valid ones: the filter
/// <see cref="JsonBodies.Check"/> on the group answers the others.
/// </summary>
public interface IJsonBody
{
    IResult? Problem { get; }
}

/// <summary>A body that is one <typeparamref name="T"/>.</summary>
public sealed class JsonBody<T> : IJsonBody, IBindableFromHttpContext<JsonBody<T>>, IEndpointParameterMetadataProvider
    where T : class
{
    private readonly T? _value;

    private JsonBody(T? value, JsonElement json, IResult? problem) => (_value, Json, Problem) = (value, json, problem);

    public IResult? Problem { get; }

    /// <summary>Gets the body as it was sent.</summary>
    public JsonElement Json { get; }

    public T Value => _value ?? throw new InvalidOperationException("The body is not valid.");

    public static async ValueTask<JsonBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var (json, problem) = await JsonBodies.ReadAsync(context);
        if (problem is not null)
        {
            return new(null, default, problem);
        }

        var (value, errors) = await JsonBodies.ParseAsync<T>(json, context.RequestServices, context.RequestAborted);
        return new(value, json, errors.Count > 0 ? Problems.Validation(errors) : null);
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Insert(0, new AcceptsMetadata([ContentTypes.Json], typeof(T)));
}

/// <summary>A body that is an array whose elements are judged one by one.</summary>
public sealed class JsonArrayBody<T> : IJsonBody, IBindableFromHttpContext<JsonArrayBody<T>>, IEndpointParameterMetadataProvider
    where T : class
{
    private const int MaxElements = 1000;

    private JsonArrayBody(IReadOnlyList<JsonElement> elements, IResult? problem) => (Elements, Problem) = (elements, problem);

    public IResult? Problem { get; }

    public IReadOnlyList<JsonElement> Elements { get; }

    public static async ValueTask<JsonArrayBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var (json, problem) = await JsonBodies.ReadAsync(context);
        if (problem is not null)
        {
            return new([], problem);
        }

        return json.ValueKind == JsonValueKind.Array && json.GetArrayLength() is >= 1 and <= MaxElements
            ? new([.. json.EnumerateArray()], null)
            : new([], Problems.Validation("$", $"must be an array of 1 to {MaxElements} elements"));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata([ContentTypes.Json], typeof(T[])));
}

public static class JsonBodies
{
    /// <summary>Answers for bodies that are not valid, before the endpoint runs.</summary>
    public static async ValueTask<object?> Check(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.Arguments.OfType<IJsonBody>().FirstOrDefault(body => body.Problem is not null)?.Problem ?? await next(context);

    /// <summary>Reads a value and checks it against the validation attributes of its type.</summary>
    public static async Task<(T? Value, List<FieldError> Errors)> ParseAsync<T>(
        JsonElement json, IServiceProvider services, CancellationToken cancellationToken)
        where T : class
    {
        T? value;
        try
        {
            // Members that are not known are not stored, but are handed on as part of the body.
            JsonTexts.Check(json);
            value = json.Deserialize<T>(ApiJson.Options);
        }
        catch (JsonException exception)
        {
            return (null, [new(FieldOf(exception.Path), MessageOf(exception))]);
        }

        if (value is null)
        {
            return (null, [new("$", "must be an object")]);
        }

        var options = services.GetRequiredService<IOptions<ValidationOptions>>().Value;
        if (!options.TryGetValidatableTypeInfo(typeof(T), out var type))
        {
            throw new InvalidOperationException($"{typeof(T)} is not validatable: AddValidation must be called in its assembly.");
        }

        var context = new ValidateContext
        {
            ValidationOptions = options,
            ValidationContext = new ValidationContext(value, services, null),
        };
        await type.ValidateAsync(value, context, cancellationToken);
        return (value, [.. (context.ValidationErrors ?? []).SelectMany(e => e.Value.Select(message => new FieldError(CamelCase(e.Key), message)))]);
    }

    internal static async Task<(JsonElement Json, IResult? Problem)> ReadAsync(HttpContext context)
    {
        if (ContentTypes.CheckJson(context.Request, context.GetEndpoint()!.Metadata.GetRequiredMetadata<IAcceptsMetadata>().ContentTypes) is { } problem)
        {
            return (default, problem);
        }

        try
        {
            var document = await JsonDocument.ParseAsync(
                context.Request.Body,
                new JsonDocumentOptions { MaxDepth = ApiJson.Options.MaxDepth },
                context.RequestAborted);
            context.Response.RegisterForDispose(document);
            return (document.RootElement, null);
        }
        catch (JsonException exception)
        {
            return (default, Problems.Validation(FieldOf(exception.Path), $"is not valid JSON: {exception.Message}"));
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (default, Problems.TooLarge("The request body is too large."));
        }
    }

    private static string FieldOf(string? path) => path is null or "$" ? "$" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;

    // The serializer's own messages name .NET types; ours are fit for a caller.
    private static string MessageOf(JsonException exception) =>
        exception.Message.StartsWith("must ", StringComparison.Ordinal) ? exception.Message.Split(" Path:")[0].TrimEnd('.') : "has the wrong type or format";

    private static string CamelCase(string path) => string.Join('.', path.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));
}
