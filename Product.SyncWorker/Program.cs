using Modules;
using Modules.Events;
using ProductAspire.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddModules();
builder.AddModuleWorkers();

var app = builder.Build();

app.MapDefaultEndpoints();
app.MapEvents();

app.Run();
