using Cqrs.AspNetCore.Hosting;
using Cqrs.AspNetCore.Worker;
using Cqrs.Hosting;
using Cqrs.Postgres.Hosting;
using ProductAspire.ServiceDefaults;
using Products;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddCqrs();
builder.AddReadModel<ProductsContext>("productdb");
builder.AddProducts();
builder.AddCqrsWorker();

var app = builder.Build();

app.MapDefaultEndpoints();
app.MapPushedEvents();

app.Run();
