using Cqrs.Postgres;
using Microsoft.EntityFrameworkCore;

namespace Products;

/// <summary>The read model of the application. Its tables and migrations are in this project.</summary>
public sealed class ProductsContext(DbContextOptions<ProductsContext> options) : ReadModelContext(options);
