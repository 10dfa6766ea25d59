internal static partial class Publishing
{
    private const string TablesTemplate = "Aws/tables.template.json";

    // A service that may not make its tables itself needs them there before.
    static partial void AddTables(IDistributedApplicationBuilder builder) =>
        builder.AddAWSCloudFormationTemplate("tables", Path.Combine(builder.AppHostDirectory, TablesTemplate));
}
