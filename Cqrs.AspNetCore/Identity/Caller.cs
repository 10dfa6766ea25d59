using System.Reflection;
using Cqrs.Items;
using Microsoft.AspNetCore.Http;

namespace Cqrs.AspNetCore.Identity;

/// <summary>The caller of an endpoint, for use as its parameter.</summary>
public sealed record Caller(InvokeContext Context) : IBindableFromHttpContext<Caller>
{
    public const string RequestIdHeader = "x-request-id";

    public UserContext User => Context.User;

    public string Tenant => User.TenantCode;

    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var user = context.Features.Get<UserContext>()
            ?? throw new InvalidOperationException("The endpoint is not under the tenant policy.");
        var requestId = context.Request.Headers[RequestIdHeader].ToString() is { Length: > 0 } given ? given : context.TraceIdentifier;
        var ip = context.Connection.RemoteIpAddress is { } address
            ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
            : "";
        return ValueTask.FromResult<Caller?>(new Caller(new InvokeContext(user, requestId, ip)));
    }
}
