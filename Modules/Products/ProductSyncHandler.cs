using Cqrs;
using Microsoft.Extensions.DependencyInjection;
using Modules.ReadModel;
using Npgsql;

namespace Modules.Products;

/// <summary>Brings the table <c>products</c> up to the commands.</summary>
internal sealed class ProductSyncHandler(
    NpgsqlDataSource dataSource,
    RowStatements<ProductRow> statements,
    [FromKeyedServices(ProductModule.Name)] HistoryService history)
    : ReadModelSyncHandler<ProductRow>(dataSource, statements, history);
