using Cqrs.Postgres.Rows;
using Cqrs.Reading;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Products;

/// <summary>Brings the table <c>products</c> up to the commands.</summary>
internal sealed class ProductSyncHandler(
    NpgsqlDataSource dataSource,
    RowStatements<ProductRow> statements,
    [FromKeyedServices(ProductModule.Name)] HistoryService history)
    : ReadModelSyncHandler<ProductRow>(dataSource, statements, history);
