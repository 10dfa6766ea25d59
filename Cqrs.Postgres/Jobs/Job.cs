using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cqrs.Postgres.Jobs;

/// <summary>Work that outlives its request: asked for by the API, done by the worker.</summary>
public sealed class Job
{
    public required string Id { get; set; }
    public required string TenantCode { get; set; }

    /// <summary>Gets or sets the module whose items it is about.</summary>
    public required string Module { get; set; }

    public required string Kind { get; set; }
    public required string Pk { get; set; }
    public JobStatus Status { get; set; }
    public long Total { get; set; }
    public long Done { get; set; }
    public long Failed { get; set; }
    public string? Error { get; set; }

    /// <summary>Gets or sets how far it came: a worker that takes it over goes on after this sort key.</summary>
    public string? Cursor { get; set; }

    /// <summary>Gets or sets how often it was claimed. Only who claimed it last may change it.</summary>
    public long Claim { get; set; }

    public required string CreatedBy { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

public enum JobStatus
{
    Queued,
    Running,
    Completed,
    Failed,
}

internal sealed class JobConfiguration : IEntityTypeConfiguration<Job>
{
    public void Configure(EntityTypeBuilder<Job> job)
    {
        job.ToTable("jobs");
        job.HasKey(j => j.Id);
        job.Property(j => j.Status).HasConversion(status => status.ToString().ToUpperInvariant(), text => Enum.Parse<JobStatus>(text, true));
        job.HasIndex(j => new { j.Status, j.CreatedAt });
    }
}
