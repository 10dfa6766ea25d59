using Microsoft.AspNetCore.Diagnostics;
using Product.Web;
using Product.Web.Api;
using Product.Web.Components;
using Product.Web.Identity;
using Product.Web.Operations;
using Product.Web.Products;
using Product.Web.Products.Export;
using Product.Web.Products.Import;
using Product.Web.Products.Live;
using ProductAspire.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddSignIn();
builder.AddProductApi();
builder.Services.AddSingleton<SyncMarkStore>();
builder.Services.AddScoped<CommandFeed>();
builder.Services.AddScoped<SyncMarks>();
builder.Services.AddScoped<ListMemory>();
builder.Services.AddTransient<OperationsApiClient>();
builder.Services.AddSingleton<LagHistory>();
builder.Services.AddFluentUI();
builder.Services.AddRazorComponents().AddInteractiveServerComponents()
    // A field may be as long as a product, and comes in one message: what is longer than this breaks the connection.
    .AddHubOptions(options => options.MaximumReceiveMessageSize = 1024 * 1024);

var app = builder.Build();

if (!app.Environment.IsDevelopment())
{
    app.UseExceptionHandler("/error", createScopeForErrors: true);
    app.UseHsts();
}

app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
app.Use((context, next) =>
{
    // The page that tells of a refused form is not itself posted to.
    context.Request.Method = context.Features.Get<IStatusCodeReExecuteFeature>() is null ? context.Request.Method : HttpMethods.Get;
    return next(context);
});
app.UseSecurityHeaders();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();

app.MapDefaultEndpoints();
app.MapStaticAssets().AllowAnonymous();
app.MapSignInAndOut();
app.MapProductImport();
app.MapProductExport();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options =>
    options.ContentSecurityFrameAncestorsPolicy = SecurityHeaders.FrameAncestors);

app.Run();
