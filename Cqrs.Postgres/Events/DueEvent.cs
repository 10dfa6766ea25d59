using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cqrs.Postgres.Events;

/// <summary>
/// That a row was brought up to a version that is yet to be told of, because not every handler has it, or its command is yet to come. Written in the
/// transaction that brings the row up, and removed in the one that writes the event.
/// </summary>
public sealed class DueEvent
{
    /// <summary>Gets or sets the id of the item.</summary>
    public required string Id { get; set; }

    public required string TenantCode { get; set; }
    public required string Pk { get; set; }
    public required string Sk { get; set; }
    public long Version { get; set; }
}

internal sealed class DueEventConfiguration : IEntityTypeConfiguration<DueEvent>
{
    public void Configure(EntityTypeBuilder<DueEvent> due)
    {
        due.ToTable("due_events");
        due.HasKey(d => d.Id);
    }
}
