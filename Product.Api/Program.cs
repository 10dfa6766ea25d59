using Cqrs.AspNetCore.Hosting;
using Cqrs.Hosting;
using Cqrs.Postgres.Hosting;
using Product.Api.OpenApi;
using ProductAspire.ServiceDefaults;
using Products;
using Scalar.AspNetCore;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddCqrs();
builder.AddReadModel<ProductsContext>("productdb");
builder.AddProducts();
builder.AddCqrsApi();
builder.Services.AddOpenApi(ApiDescription.Configure);

var app = builder.Build();

app.UseCqrsApi();
app.MapDefaultEndpoints();
app.MapProducts();

if (app.Environment.IsDevelopment())
{
    app.MapOpenApi();
    app.MapScalarApiReference();
}

app.Run();
