using Cqrs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Modules.ReadModel;
using Npgsql;

namespace StackTests.Orders;

public sealed class OrderRow : ReadModelRow
{
    public string? Customer { get; set; }
    public int? Quantity { get; set; }
    public string? Status { get; set; }
}

/// <summary>The read model with orders in it. In the product, a module's rows are found by their configuration.</summary>
public sealed class OrdersContext(DbContextOptions<OrdersContext> options) : ReadModelContext(options)
{
    protected override void ConfigureRows(ModelBuilder modelBuilder) => modelBuilder.Entity<OrderRow>().ConfigureReadModelRow("orders");
}

internal sealed class OrderSyncHandler(
    NpgsqlDataSource dataSource, RowStatements<OrderRow> statements, [FromKeyedServices(OrderModule.Name)] HistoryService history)
    : ReadModelSyncHandler<OrderRow>(dataSource, statements, history)
{
    protected override void MapAttributes(CommandModel command, OrderRow row)
    {
        row.Customer = command.Attributes.Text("customer");
        row.Quantity = (int?)command.Attributes.Decimal("quantity");
        row.Status = command.Attributes.Text("status");
    }
}
