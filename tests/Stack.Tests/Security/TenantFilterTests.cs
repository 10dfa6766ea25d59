using System.Net;
using Cqrs.Items;
using Cqrs.Postgres;
using Cqrs.Postgres.Events;
using Cqrs.Postgres.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Products;

namespace StackTests.Security;

/// <summary>The second line: a query that forgets the tenant does not see another's rows.</summary>
public sealed class TenantFilterTests(ProductionApi production) : IClassFixture<ProductionApi>
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_query_that_forgets_the_tenant_sees_the_tenant_of_the_request_only()
    {
        var (anna, zoe) = (production.Client(), production.Client());
        foreach (var client in new[] { anna, zoe })
        {
            (await client.PostAsync(new { sk = "a", name = "Chair" }, "?mode=sync")).Is(HttpStatusCode.Created);
            (await client.SendAsync(HttpMethod.Put, $"/api/product/resync-data/{Uri.EscapeDataString(client.Pk)}")).Is(HttpStatusCode.Accepted);
        }

        foreach (var client in new[] { anna, zoe })
        {
            Assert.Equal([client.Tenant], await TenantsSeenAsync(client.Tenant, model => model.Set<ProductRow>().Select(row => row.TenantCode)));
            Assert.Equal([client.Tenant], await TenantsSeenAsync(client.Tenant, model => model.Set<Job>().Select(job => job.TenantCode)));
            Assert.Equal([client.Tenant], await TenantsSeenAsync(client.Tenant, model => model.Set<CommandEvent>().Select(e => e.TenantCode)));
        }

        Assert.Null(await RunAsync(anna.Tenant, async model => await model.FindAsync<ProductRow>([zoe.IdOf("a")], Token)));
        Assert.NotNull(await RunAsync(zoe.Tenant, async model => await model.FindAsync<ProductRow>([zoe.IdOf("a")], Token)));
        Assert.Equal(0, await RunAsync(anna.Tenant, model => model.Set<ProductRow>().Where(row => row.Id == zoe.IdOf("a")).ExecuteDeleteAsync(Token)));
        Assert.Superset(
            new HashSet<string> { anna.Tenant, zoe.Tenant },
            (await TenantsSeenAsync(null, model => model.Set<ProductRow>().AcrossTenants().Select(row => row.TenantCode))).ToHashSet());
    }

    [Fact]
    public async Task Without_a_tenant_a_query_sees_nothing()
    {
        var client = production.Client();
        (await client.PostAsync(new { sk = "a", name = "Chair" }, "?mode=sync")).Is(HttpStatusCode.Created);

        Assert.Empty(await TenantsSeenAsync(null, model => model.Set<ProductRow>().Select(row => row.TenantCode)));
        Assert.Empty(await TenantsSeenAsync(null, model => model.Set<Job>().Select(row => row.TenantCode)));
    }

    [Fact]
    public async Task Every_entity_of_the_read_model_but_the_checkpoints_of_topics_has_the_filter()
    {
        var entities = await RunAsync(null, model => Task.FromResult(model.Model.GetEntityTypes().ToList()));

        Assert.Contains(entities, entity => entity.ClrType == typeof(ProductRow));
        Assert.Equal(
            [typeof(EventCheckpoint)],
            entities.Where(entity => entity.FindDeclaredQueryFilter(ReadModelContext.TenantFilter) is null).Select(entity => entity.ClrType));
    }

    private Task<List<string>> TenantsSeenAsync(string? tenant, Func<ReadModelContext, IQueryable<string>> query) =>
        RunAsync(tenant, model => query(model).Distinct().ToListAsync(Token));

    // As in a request that the tenant policy has let in. The contexts come from the pool, used by one tenant after the other.
    private async Task<T> RunAsync<T>(string? tenant, Func<ReadModelContext, Task<T>> work)
    {
        var http = new DefaultHttpContext();
        if (tenant is not null)
        {
            http.Features.Set(new UserContext("anna", tenant));
        }

        production.Api.Services.GetRequiredService<IHttpContextAccessor>().HttpContext = http;
        await using var scope = production.Api.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<ReadModelContext>());
    }
}
