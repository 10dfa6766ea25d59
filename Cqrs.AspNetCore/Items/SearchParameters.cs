using Cqrs.AspNetCore.Http;
using Cqrs.Reading;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cqrs.AspNetCore.Items;

/// <summary>Reads the filters of a search from the query of a request.</summary>
internal static class SearchParameters
{
    /// <summary>Returns the query parameters of a search, for the description of the API.</summary>
    public static IEnumerable<QueryParameter> Describe(IItemSearch search) => search.Filters.Select(filter => filter.Kind switch
    {
        SearchValueKind.Number => new QueryParameter(filter.Name, filter.Description, 0m, HasDefault: false),
        SearchValueKind.Flag => new QueryParameter(filter.Name, filter.Description, false),
        _ => new QueryParameter(filter.Name, filter.Description),
    });

    /// <summary>Reads the filters. The errors are in the reader.</summary>
    public static SearchQuery Read(IItemSearch search, QueryReader parameters)
    {
        var values = new Dictionary<string, object>();
        foreach (var filter in search.Filters)
        {
            object? value = filter.Kind switch
            {
                SearchValueKind.Number => parameters.Decimal(filter.Name),
                SearchValueKind.Flag => parameters.Flag(filter.Name) ? true : null,
                _ => parameters.Text(filter.Name),
            };
            if (value is not null)
            {
                values.Add(filter.Name, value);
            }
        }

        return new SearchQuery(values);
    }

    /// <summary>Returns the problem with a query whose parameters have all been read; null if there is none.</summary>
    public static ProblemHttpResult? Check(SearchQuery query, QueryReader parameters, string tenant) =>
        parameters.Errors is { Count: > 0 } errors ? Problems.Validation(errors)
        : ItemDecisions.NamesOtherTenant(query.Text("pk"), tenant) || ItemDecisions.NamesOtherTenant(query.Text("id"), tenant) ? Problems.TenantMismatch()
        : null;
}
