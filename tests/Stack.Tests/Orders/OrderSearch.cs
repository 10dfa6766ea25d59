using System.Linq.Expressions;
using Modules.Http;
using Modules.ReadModel;

namespace StackTests.Orders;

internal sealed record OrderSearch(string? Customer, string? Status) : ISearch<OrderRow, OrderSearch>
{
    public static IReadOnlyDictionary<string, Expression<Func<OrderRow, object?>>> Orders { get; } = new Dictionary<string, Expression<Func<OrderRow, object?>>>
    {
        ["createdAt"] = row => row.CreatedAt,
        ["quantity"] = row => row.Quantity,
    };

    public static IReadOnlyList<QueryParameter> Filters { get; } = [new("customer", "Exactly this customer"), new("status", "Exactly this status")];

    public static OrderSearch Read(QueryReader query) => new(query.Text("customer"), query.Text("status"));

    public IQueryable<OrderRow> Filter(IQueryable<OrderRow> rows)
    {
        rows = Customer is null ? rows : rows.Where(row => row.Customer == Customer);
        rows = Status is null ? rows : rows.Where(row => row.Status == Status);
        return rows.Where(row => !row.IsDeleted);
    }

    public Entity ToEntity(OrderRow row) =>
        Entity.From(row, new OrderAttributes { Customer = row.Customer, Quantity = row.Quantity, Status = row.Status }.ToJson());
}
