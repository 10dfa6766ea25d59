using System.Globalization;

namespace Product.Web.Products.Import;

/// <summary>How far an import has come. Bytes are those of the file whose rows are answered; syncing are the rows that lists and exports may not show yet.</summary>
public sealed record ImportProgress(long Bytes, long Size, long Rows, long Created, long Updated, long Skipped, long Failed, long Syncing)
{
    public int Percent => Size == 0 ? 100 : (int)Math.Clamp(100 * Bytes / Size, 0, 100);

    public string Rate(TimeSpan elapsed) => elapsed > TimeSpan.Zero
        ? string.Create(CultureInfo.InvariantCulture, $"{Rows / elapsed.TotalSeconds:N0} rows/s")
        : "";

    /// <summary>Returns how long the rest will take at the speed so far; empty while that cannot be told.</summary>
    public string Remaining(TimeSpan elapsed) => Bytes > 0 && Bytes < Size ? $"{Text(elapsed * ((double)(Size - Bytes) / Bytes))} left" : "";

    public static string Text(TimeSpan time) => time switch
    {
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):0} s"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalMinutes):0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.0} h"),
    };
}

/// <summary>An error in a row of the file. Without a line it is about the file.</summary>
public sealed record ImportError(long? Line, string? Field, string? Value, string Reason);

/// <summary>A file as it was chosen.</summary>
public sealed record ChosenFile(string Name, long Size);
