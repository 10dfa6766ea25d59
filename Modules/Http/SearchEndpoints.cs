using Cqrs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Modules.Identity;
using Modules.ReadModel;

namespace Modules.Http;

/// <summary>Searching a module's items in Postgres.</summary>
internal static class SearchEndpoints
{
    public static RouteGroupBuilder MapSearch<TRow, TSearch>(this RouteGroupBuilder group, CqrsModule module)
        where TRow : ReadModelRow, new()
        where TSearch : ISearch<TRow, TSearch>
    {
        group.MapGet("/data", (Caller caller, HttpContext http, CancellationToken ct) => SearchAsync<TRow, TSearch>(module, caller, http, ct))
            .WithQuery(
                [
                    .. TSearch.Filters,
                    new("page", "From 1", 1),
                    new("pageSize", "1 to 1000", 20),
                    new("orderBys", $"field:asc, field:desc or -field, repeatable; fields: {string.Join(", ", TSearch.Orders.Keys)}", "createdAt:desc"),
                ])
            .WithSummary("Searches items");
        return group;
    }

    /// <summary>The reader of a request's own scope.</summary>
    public static SearchReader<TRow, TSearch> ReaderOf<TRow, TSearch>(this HttpContext http, CqrsModule module)
        where TRow : ReadModelRow, new()
        where TSearch : ISearch<TRow, TSearch> => new(
        http.RequestServices.GetRequiredService<ReadModelContext>(),
        http.RequestServices.GetRequiredService<PageReader<TRow>>(),
        http.RequestServices.GetRequiredService<RowStatements<TRow>>(),
        http.RequestServices.GetRequiredService<IServiceScopeFactory>(),
        http.RequestServices.GetRequiredKeyedService<Repository>(module.Name),
        module,
        http.RequestServices.GetRequiredService<TimeProvider>());

    private static async Task<Results<Ok<EntityPage>, ProblemHttpResult>> SearchAsync<TRow, TSearch>(
        CqrsModule module, Caller caller, HttpContext http, CancellationToken cancellationToken)
        where TRow : ReadModelRow, new()
        where TSearch : ISearch<TRow, TSearch>
    {
        var query = new QueryReader(http.Request.Query);
        var search = TSearch.Read(query);
        var page = new SearchPage(
            query.Int("page", 1, 1, int.MaxValue), query.Int("pageSize", 20, 1, 1000), query.Orders("orderBys", TSearch.Orders.Keys));
        if (query.Errors is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        return search.NamesOtherTenant(caller.Tenant)
            ? Problems.TenantMismatch()
            : TypedResults.Ok(await http.ReaderOf<TRow, TSearch>(module).ReadAsync(search, page, caller.User, cancellationToken));
    }
}
