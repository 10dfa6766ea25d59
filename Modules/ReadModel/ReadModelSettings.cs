using Microsoft.Extensions.Configuration;

namespace Modules.ReadModel;

/// <summary>
/// What Aspire's component for EF Core and Postgres can be told, under its names: in <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL</c> for all
/// contexts, in <c>ReadModelContext</c> there for this one.
/// </summary>
internal sealed class ReadModelSettings
{
    private const string Section = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";

    /// <summary>Where the database is, if no connection string is given by name.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableMetrics { get; set; }

    public bool DisableRetry { get; set; }

    public bool DisableTracing { get; set; }

    /// <summary>In seconds.</summary>
    public int? CommandTimeout { get; set; }

    public static ReadModelSettings Read(IConfiguration configuration)
    {
        var settings = new ReadModelSettings();
        var section = configuration.GetSection(Section);
        section.Bind(settings);
        section.GetSection(nameof(ReadModelContext)).Bind(settings);
        return settings;
    }
}
