using Modules;
using Product.Api.OpenApi;
using ProductAspire.ServiceDefaults;
using Scalar.AspNetCore;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddModules();
builder.AddModuleApi();
builder.Services.AddOpenApi(ApiDescription.Configure);

var app = builder.Build();

app.MapDefaultEndpoints();
app.MapModules();

if (app.Environment.IsDevelopment())
{
    app.MapOpenApi();
    app.MapScalarApiReference();
}

app.Run();
