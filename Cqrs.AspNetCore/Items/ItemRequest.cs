using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Cqrs.Items;

namespace Cqrs.AspNetCore.Items;

/// <summary>An item as a caller posts it: the whole state. A module's own request adds <c>attributes</c>.</summary>
public abstract record ItemRequest
{
    /// <summary>Gets the display name, 1 to 500 characters. Required, except in a patch.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the business code, unique per tenant. Absent: on create the sort key, on update unchanged.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the version you have seen. Absent or 0: create; -1: whatever is newest.</summary>
    public long? Version { get; init; }

    /// <summary>Gets the sort key. Absent: a new ULID.</summary>
    public string? Sk { get; init; }

    /// <summary>Gets a number to sort by.</summary>
    public long? Seq { get; init; }

    /// <summary>When the item expires, in seconds since 1970.</summary>
    [Range(0, CommandInput.MaxTtl, ErrorMessage = "must be a time in seconds since 1970, from 0 to {2}")]
    public long? Ttl { get; init; }

    public bool? IsDeleted { get; init; }

    /// <summary>May be sent, and must then be what is derived from the token.</summary>
    public string? Pk { get; init; }

    /// <summary>May be sent, and must then be <c>pk#sk</c>.</summary>
    public string? Id { get; init; }

    /// <summary>May be sent, and must then be the caller's tenant.</summary>
    public string? TenantCode { get; init; }

    /// <summary>May be sent, and must then be the module's type.</summary>
    public string? Type { get; init; }

    /// <summary>Returns the attributes as the kernel stores them.</summary>
    public abstract JsonObject GetAttributes();
}
