using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.Reading;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cqrs.AspNetCore.Items;

/// <summary>Maps the search of a module's items: see <see cref="IItemSearch"/>.</summary>
public static class SearchEndpoints
{
    /// <summary>Maps <c>GET /data</c>, which searches with the filters of the module.</summary>
    public static RouteGroupBuilder MapSearch(this RouteGroupBuilder group, CqrsModule module)
    {
        using var scope = ((IEndpointRouteBuilder)group).ServiceProvider.CreateScope();
        var search = scope.ServiceProvider.GetRequiredKeyedService<IItemSearch>(module.Name);
        group.MapGet("/data", (Caller caller, HttpContext http, CancellationToken ct) => SearchAsync(module, caller, http, ct))
            .WithQuery(
                [
                    .. SearchParameters.Describe(search),
                    new("page", "From 1", 1),
                    new("pageSize", "1 to 1000", 20),
                    new("orderBys", $"field:asc, field:desc or -field, repeatable; fields: {string.Join(", ", search.OrderFields)}", "createdAt:desc"),
                ])
            .WithSummary("Searches items");
        return group;
    }

    private static async Task<Results<Ok<EntityPage>, ProblemHttpResult>> SearchAsync(
        CqrsModule module, Caller caller, HttpContext http, CancellationToken cancellationToken)
    {
        var search = http.RequestServices.GetRequiredKeyedService<IItemSearch>(module.Name);
        var parameters = new QueryReader(http.Request.Query);
        var query = SearchParameters.Read(search, parameters);
        var page = new SearchPage(
            parameters.Int("page", 1, 1, int.MaxValue),
            parameters.Int("pageSize", 20, 1, 1000),
            parameters.Orders("orderBys", search.OrderFields));
        if (SearchParameters.Check(query, parameters, caller.Tenant) is { } problem)
        {
            return problem;
        }

        var found = await search.SearchAsync(query, page, caller.User, cancellationToken);
        return TypedResults.Ok(new EntityPage(found.Total, found.Items.Select(Entity.From)));
    }
}
