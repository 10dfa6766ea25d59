using System.Text.Json.Nodes;
using Cqrs.AspNetCore.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Product.Api.OpenApi;

/// <summary>Completes the OpenAPI document with what the endpoints' signatures do not tell: parameters, examples, how to sign in.</summary>
internal static class ApiDescription
{
    private const string Bearer = "Bearer";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "ProductAspire";
            document.Info.Description =
                "Commands are stored as versions in DynamoDB; the read models follow. A caller sees his own writes at once.";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "A token with the claims sub, custom:tenant and custom:roles. In Development, GET /dev/token makes one.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            operation.Parameters ??= [];
            foreach (var parameter in metadata.OfType<QueryParameter>())
            {
                operation.Parameters.Add(Describe(parameter));
            }

            foreach (var header in metadata.OfType<HeaderParameter>())
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = header.Name,
                    In = ParameterLocation.Header,
                    Description = header.Description,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }

            if (metadata.OfType<IAuthorizeData>().Any() && !metadata.OfType<IAllowAnonymous>().Any())
            {
                operation.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
            }

            AddExamples(operation);
            return Task.CompletedTask;
        });
    }

    private static OpenApiParameter Describe(QueryParameter parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Query,
        Description = parameter.Description,
        Schema = new OpenApiSchema
        {
            Type = parameter.Sample switch
            {
                int => JsonSchemaType.Integer,
                decimal => JsonSchemaType.Number,
                bool => JsonSchemaType.Boolean,
                _ => JsonSchemaType.String,
            },
            Default = parameter.HasDefault && parameter.Sample is not null ? JsonValue.Create(parameter.Sample) : null,
        },
    };

    private static void AddExamples(OpenApiOperation operation)
    {
        foreach (var (type, body) in operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>())
        {
            body.Example = operation.Summary switch
            {
                var s when s?.StartsWith("Creates or updates up to", StringComparison.Ordinal) == true => new JsonArray(Examples.Product()),
                _ when type == "application/merge-patch+json" => Examples.Patch(),
                _ => Examples.Product(),
            };
        }

        foreach (var (status, response) in operation.Responses ?? [])
        {
            if (response.Content?.TryGetValue("application/problem+json", out var problem) == true)
            {
                problem.Example = Examples.Problem(status);
            }
        }
    }
}
