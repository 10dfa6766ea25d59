using Cqrs;
using Microsoft.AspNetCore.Http;

namespace Modules.Identity;

/// <summary>The tenant of the request that is being answered, once the tenant policy has let it in; null outside of one.</summary>
public sealed class CurrentTenant(IHttpContextAccessor requests)
{
    public string? Code => requests.HttpContext?.Features.Get<UserContext>()?.TenantCode;
}
