using Cqrs.Items;

namespace Cqrs.Publishing;

/// <summary>Computes the next command from the newest state and an input.</summary>
internal static class NextCommand
{
    /// <summary>
    /// Returns whether an input changes nothing. User and time do not count. An expiry counts only if the caller gives one or removes it.
    /// </summary>
    public static bool IsUnchanged(ItemModel newest, CommandInput input, DateTimeOffset now) =>
        !newest.IsExpired(now)
        && newest.Id == input.Key.Id
        && newest.Code == (input.Code ?? newest.Code)
        && newest.Name == input.Name
        && newest.TenantCode == input.TenantCode
        && newest.Type == input.Type
        && newest.IsDeleted == input.IsDeleted
        && newest.Seq == input.Seq
        && (input.Ttl is null && !input.ClearTtl || newest.Ttl == input.Ttl)
        && JsonContent.AreSame(newest.Attributes, input.Attributes);

    /// <summary>Returns the command that an input makes on top of <paramref name="newest"/> (null: the item does not exist).</summary>
    public static CommandModel From(
        ItemModel? newest, CommandInput input, CommandOptions options, string writeId, string? traceParent, DateTimeOffset now)
    {
        var version = (newest?.Version ?? 0) + 1;
        var (user, requestId, ip) = options.InvokeContext;
        // The stored item has milliseconds. The time is cut to them, so that the answer equals the stored item.
        var at = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        var keptTtl = newest is null || newest.IsExpired(now) || input.ClearTtl ? null : newest.Ttl;

        return new CommandModel
        {
            Pk = input.Key.Pk,
            Sk = input.Key.VersionSk(version),
            Id = input.Key.Id,
            Code = input.Code ?? newest?.Code ?? input.Key.Sk,
            Name = input.Name,
            Version = version,
            TenantCode = input.TenantCode,
            Type = input.Type,
            Seq = input.Seq,
            Ttl = input.Ttl ?? keptTtl,
            IsDeleted = input.IsDeleted,
            Attributes = input.Attributes,
            Source = options.Source,
            RequestId = requestId,
            CreatedAt = newest?.CreatedAt ?? at,
            CreatedBy = newest?.CreatedBy ?? user.UserId,
            CreatedIp = newest?.CreatedIp ?? ip,
            UpdatedAt = at,
            UpdatedBy = user.UserId,
            UpdatedIp = ip,
            TraceParent = traceParent,
            WriteId = writeId,
        };
    }
}
