using System.Text.Json.Nodes;
using Cqrs.Postgres;
using Cqrs.Postgres.Rows;
using Cqrs.Reading;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Products;

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

    protected override JsonObject WriteAttributes() =>
        new OrderAttributes { Customer = Customer, Quantity = Quantity, Status = Status }.ToJson();
}

internal sealed class OrderRowConfiguration : IEntityTypeConfiguration<OrderRow>
{
    public void Configure(EntityTypeBuilder<OrderRow> row) => row.ConfigureReadModelRow("orders");
}

/// <summary>A read model with two modules, each of which configures its row.</summary>
public sealed class OrdersContext(DbContextOptions<OrdersContext> options) : ReadModelContext(options)
{
    protected override void ConfigureRows(ModelBuilder modelBuilder)
    {
        base.ConfigureRows(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ProductModule).Assembly);
    }
}

internal sealed class OrderSyncHandler(
    NpgsqlDataSource dataSource, RowStatements<OrderRow> statements, [FromKeyedServices(OrderModule.Name)] HistoryService history)
    : ReadModelSyncHandler<OrderRow>(dataSource, statements, history);
