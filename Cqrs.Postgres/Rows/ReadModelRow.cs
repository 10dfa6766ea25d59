using System.Text.Json.Nodes;
using Cqrs.Items;

namespace Cqrs.Postgres.Rows;

/// <summary>The columns that the table of every module has; a module's own row adds those of its attributes.</summary>
public abstract class ReadModelRow
{
    public string Id { get; set; } = "";
    public string Cpk { get; set; } = "";
    public string Csk { get; set; } = "";
    public string Pk { get; set; } = "";
    public string Sk { get; set; } = "";
    public string Code { get; set; } = "";
    public string Name { get; set; } = "";
    public string Type { get; set; } = "";
    public long? Seq { get; set; }
    public string TenantCode { get; set; } = "";
    public long Version { get; set; }
    public bool IsDeleted { get; set; }
    public string Source { get; set; } = "";
    public string RequestId { get; set; } = "";
    public DateTimeOffset CreatedAt { get; set; }
    public string CreatedBy { get; set; } = "";
    public string CreatedIp { get; set; } = "";
    public DateTimeOffset UpdatedAt { get; set; }
    public string UpdatedBy { get; set; } = "";
    public string UpdatedIp { get; set; } = "";

    /// <summary>When the item expires: its <c>ttl</c> as a time.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public void CopyFrom(CommandModel command)
    {
        Id = command.Id;
        Cpk = command.Pk;
        Csk = command.Sk;
        Pk = command.Pk;
        Sk = Keys.RemoveSortKeyVersion(command.Sk);
        Code = command.Code;
        Name = command.Name;
        Type = command.Type;
        Seq = command.Seq;
        TenantCode = command.TenantCode;
        Version = command.Version;
        IsDeleted = command.IsDeleted;
        Source = command.Source;
        RequestId = command.RequestId;
        CreatedAt = command.CreatedAt;
        CreatedBy = command.CreatedBy;
        CreatedIp = command.CreatedIp;
        UpdatedAt = command.UpdatedAt;
        UpdatedBy = command.UpdatedBy;
        UpdatedIp = command.UpdatedIp;
        ExpiresAt = command.Ttl is { } ttl ? UnixTime(ttl) : null;
        ReadAttributes(command.Attributes);
    }

    /// <summary>Returns the state that the row shows.</summary>
    public DataModel ToData() => new()
    {
        Id = Id,
        Pk = Pk,
        Sk = Sk,
        Cpk = Cpk,
        Csk = Csk,
        Code = Code,
        Name = Name,
        Type = Type,
        Seq = Seq,
        Ttl = ExpiresAt?.ToUnixTimeSeconds(),
        TenantCode = TenantCode,
        Version = Version,
        IsDeleted = IsDeleted,
        Source = Source,
        RequestId = RequestId,
        CreatedAt = CreatedAt,
        CreatedBy = CreatedBy,
        CreatedIp = CreatedIp,
        UpdatedAt = UpdatedAt,
        UpdatedBy = UpdatedBy,
        UpdatedIp = UpdatedIp,
        Attributes = WriteAttributes(),
    };

    /// <summary>Sets the module's own columns from the attributes of an item.</summary>
    protected abstract void ReadAttributes(JsonObject attributes);

    /// <summary>Returns the attributes that the module's own columns show.</summary>
    protected abstract JsonObject WriteAttributes();

    // A ttl beyond the calendar never comes.
    private static DateTimeOffset UnixTime(long seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
}
