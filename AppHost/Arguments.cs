/// <summary>The arguments of the AppHost that are shorter than the settings they stand for.</summary>
internal static class Arguments
{
    /// <summary>Replaces <c>--fresh</c>, which starts with empty stores, by its setting.</summary>
    public static string[] Read(string[] args) => [.. args.Select(argument => argument == "--fresh" ? "--Stores:Fresh=true" : argument)];
}
