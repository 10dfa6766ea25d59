using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cqrs.Postgres.Events;

/// <summary>How far the events were forwarded to a topic.</summary>
internal sealed class EventCheckpoint
{
    /// <summary>Gets or sets the topic.</summary>
    public required string TopicArn { get; set; }

    /// <summary>Gets or sets the id of the last event that the topic has.</summary>
    public long LastId { get; set; }

    /// <summary>When the checkpoint was saved.</summary>
    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class EventCheckpointConfiguration : IEntityTypeConfiguration<EventCheckpoint>
{
    public void Configure(EntityTypeBuilder<EventCheckpoint> checkpoint)
    {
        checkpoint.ToTable("event_checkpoints");
        checkpoint.HasKey(c => c.TopicArn);
        checkpoint.Property(c => c.UpdatedAt).HasDefaultValueSql("now()");
        checkpoint.HasAnnotation(ReadModelContext.OfNoTenant, true);
    }
}
