using System.Text.Json.Nodes;
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

    protected override void ReadAttributes(JsonObject attributes)
    {
        Customer = attributes.Text("customer");
        Quantity = (int?)attributes.Decimal("quantity");
        Status = attributes.Text("status");
    }
}

/// <summary>The read model with orders in it. In the product, a module's rows are found by their configuration.</summary>
public sealed class OrdersContext(DbContextOptions<OrdersContext> options) : ReadModelContext(options)
{
    protected override void ConfigureRows(ModelBuilder modelBuilder) => modelBuilder.Entity<OrderRow>().ConfigureReadModelRow("orders");
}

internal sealed class OrderSyncHandler(
    NpgsqlDataSource dataSource, RowStatements<OrderRow> statements, [FromKeyedServices(OrderModule.Name)] HistoryService history)
    : ReadModelSyncHandler<OrderRow>(dataSource, statements, history);
