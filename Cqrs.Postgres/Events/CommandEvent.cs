using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cqrs.Postgres.Events;

/// <summary>
/// That a command has come to its end. Written in the transaction that brings the row up, kept for 24 hours, and read in the order of ids, which
/// is the order of commits.
/// </summary>
public sealed class CommandEvent
{
    private static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public long Id { get; set; }
    public required string TenantCode { get; set; }
    public required string Pk { get; set; }
    public required string Sk { get; set; }
    public long Version { get; set; }

    /// <summary>FINISHED or FAILED.</summary>
    public required string Status { get; set; }

    public string? Reason { get; set; }
    public DateTimeOffset At { get; set; }

    /// <summary>For who has the id and the tenant from elsewhere.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new { pk = Pk, sk = Sk, version = Version, status = Status, reason = Reason }, Json);

    /// <summary>For who has nothing else.</summary>
    public string ToWholeJson() => JsonSerializer.Serialize(
        new { id = Id, tenantCode = TenantCode, pk = Pk, sk = Sk, version = Version, status = Status, reason = Reason }, Json);
}

internal sealed class CommandEventConfiguration : IEntityTypeConfiguration<CommandEvent>
{
    public void Configure(EntityTypeBuilder<CommandEvent> @event)
    {
        @event.ToTable("events");
        @event.HasKey(e => e.Id);
        @event.Property(e => e.At).HasDefaultValueSql("now()");
        @event.HasIndex(e => e.At);
        @event.HasIndex(e => new { e.TenantCode, e.Id });
    }
}
