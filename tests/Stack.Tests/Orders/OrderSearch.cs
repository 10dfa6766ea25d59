using System.Linq.Expressions;
using Cqrs;
using Modules.Http;
using Modules.ReadModel;

namespace StackTests.Orders;

internal sealed record OrderSearch(string? Customer, string? Status, int Page, int PageSize, IReadOnlyList<(string, bool)> OrderBys) : ISearch<OrderRow>
{
    private static readonly Dictionary<string, Expression<Func<OrderRow, object?>>> Orders = new()
    {
        ["createdAt"] = row => row.CreatedAt,
        ["quantity"] = row => row.Quantity,
    };

    public static readonly QueryParameter[] Parameters =
        [new("customer", "Exactly this customer"), new("status", "Exactly this status"), new("page", "From 1", 1), new("pageSize", "1 to 1000", 20)];

    public static OrderSearch Read(QueryReader query) => new(
        query.Text("customer"),
        query.Text("status"),
        query.Int("page", 1, 1, int.MaxValue),
        query.Int("pageSize", 20, 1, 1000),
        query.Orders("orderBys", Orders.Keys));

    public IQueryable<OrderRow> Filter(IQueryable<OrderRow> rows)
    {
        rows = Customer is null ? rows : rows.Where(row => row.Customer == Customer);
        rows = Status is null ? rows : rows.Where(row => row.Status == Status);
        return rows.Where(row => !row.IsDeleted);
    }

    public bool Matches(ItemModel item) =>
        (Customer is null || item.Attributes.Text("customer") == Customer)
        && (Status is null || item.Attributes.Text("status") == Status)
        && !item.IsDeleted;

    public IQueryable<OrderRow> Order(IQueryable<OrderRow> rows) =>
        rows.OrderByFields(Orders, OrderBys.Count > 0 ? OrderBys : [("createdAt", true)]).ThenBy(row => row.Id);

    public Entity ToEntity(OrderRow row) =>
        Entity.From(row, new OrderAttributes { Customer = row.Customer, Quantity = row.Quantity, Status = row.Status }.ToJson());
}
