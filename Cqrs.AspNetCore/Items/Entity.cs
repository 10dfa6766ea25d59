using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Cqrs.Items;
using Cqrs.Reading;

namespace Cqrs.AspNetCore.Items;

/// <summary>An item as the API shows it.</summary>
public record Entity
{
    public required string Id { get; init; }
    public required string Pk { get; init; }

    /// <summary>Gets the sort key, without version.</summary>
    public required string Sk { get; init; }

    public required string Code { get; init; }
    public required string Name { get; init; }
    public required long Version { get; init; }
    public required string TenantCode { get; init; }
    public required string Type { get; init; }
    public long? Seq { get; init; }

    /// <summary>When the item expires, in seconds since 1970.</summary>
    public long? Ttl { get; init; }

    public bool IsDeleted { get; init; }
    public required JsonObject Attributes { get; init; }

    /// <summary>Partition key of the command that made this state.</summary>
    public required string Cpk { get; init; }

    /// <summary>Sort key of the command that made this state: <c>sk@version</c>.</summary>
    public required string Csk { get; init; }

    public string Source { get; init; } = "";
    public string RequestId { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public string CreatedBy { get; init; } = "";
    public string CreatedIp { get; init; } = "";
    public DateTimeOffset UpdatedAt { get; init; }
    public string UpdatedBy { get; init; } = "";
    public string UpdatedIp { get; init; } = "";

    public static Entity From(ItemModel item) => new(item as DataModel ?? ((CommandModel)item).ToData());

    public Entity()
    {
    }

    [SetsRequiredMembers]
    protected Entity(DataModel data)
    {
        Id = data.Id;
        Pk = data.Pk;
        Sk = Keys.RemoveSortKeyVersion(data.Sk);
        Code = data.Code;
        Name = data.Name;
        Version = data.Version;
        TenantCode = data.TenantCode;
        Type = data.Type;
        Seq = data.Seq;
        Ttl = data.Ttl;
        IsDeleted = data.IsDeleted;
        Attributes = data.Attributes;
        Cpk = data.Cpk;
        Csk = data.Csk;
        Source = data.Source;
        RequestId = data.RequestId;
        CreatedAt = data.CreatedAt;
        CreatedBy = data.CreatedBy;
        CreatedIp = data.CreatedIp;
        UpdatedAt = data.UpdatedAt;
        UpdatedBy = data.UpdatedBy;
        UpdatedIp = data.UpdatedIp;
    }
}

/// <summary>A command as the API shows it: the state it made, and how far it has come.</summary>
public sealed record CommandEntity : Entity
{
    [SetsRequiredMembers]
    public CommandEntity(CommandModel command, CommandStatus status)
        : base(command.ToData()) =>
        (Status, Reason) = (status, status == CommandStatus.Failed ? command.FailedReason : null);

    public CommandStatus Status { get; }

    /// <summary>Why it failed.</summary>
    public string? Reason { get; }
}
