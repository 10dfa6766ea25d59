using System.Net;
using System.Text.Json;

namespace Product.Web.Api;

/// <summary>Problem details of the API; <see cref="Code"/> is what programs go by, <see cref="Errors"/> is by field.</summary>
public sealed record ApiProblem
{
    public int Status { get; init; }

    public string? Title { get; init; }

    public string? Detail { get; init; }

    public string? Code { get; init; }

    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    public bool IsVersionConflict => Code == "version-conflict";

    public bool IsCodeTaken => Code == "code-taken";

    /// <summary>Gets whether nobody can say if the request was carried out.</summary>
    public bool IsOutcomeUnknown => Status >= (int)HttpStatusCode.InternalServerError;

    /// <summary>Gets whether the same may be answered before long.</summary>
    public bool IsPassing => Status is StatusCodes.Status429TooManyRequests or >= StatusCodes.Status500InternalServerError;

    /// <summary>Gets whether the API could not be reached, or not in time.</summary>
    public static ApiProblem Unreachable { get; } = new() { Status = (int)HttpStatusCode.ServiceUnavailable, Code = "unavailable" };

    public static async Task<ApiProblem> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        ApiProblem? problem = null;
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            try
            {
                problem = await response.Content.ReadFromJsonAsync<ApiProblem>(cancellationToken);
            }
            catch (JsonException)
            {
                // The status alone has to do.
            }
        }

        return (problem ?? new ApiProblem()) with { Status = (int)response.StatusCode };
    }

    /// <summary>Returns the text for a person.</summary>
    public (string Title, string Text) Describe() => Status switch
    {
        > 500 => ("Products cannot be reached right now", "A service or store that is needed does not answer. Try again in a moment."),
        500 => ("Something went wrong", "The request failed because of an error on our side. Try again; if it stays, tell whoever runs this."),
        401 => ("You are signed out", "Your sign-in is no longer accepted. Sign out and sign in again."),
        403 => ("Not allowed", Detail ?? "You may not do this in this tenant."),
        429 => ("Too many requests", "Wait a moment, then try again."),
        _ => (Title ?? "The request was refused", Detail ?? $"The answer was {Status}."),
    };
}

/// <summary>The API answered with a problem, or not at all.</summary>
public sealed class ApiException(ApiProblem problem, Exception? inner = null)
    : Exception($"{problem.Status} {problem.Code}: {problem.Detail}", inner)
{
    public ApiProblem Problem { get; } = problem;
}
