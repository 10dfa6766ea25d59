using System.Security.Cryptography;

namespace ProductAspire.Stores.Postgres;

/// <summary>
/// A password that is made once and kept beside the data that it opens, readable by its owner only. Data and password are moved and removed together,
/// which Aspire's user secrets would not be.
/// </summary>
internal static class RememberedPassword
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private const int Length = 22;

    private static readonly Lock Gate = new();

    public static string Get(string file)
    {
        lock (Gate)
        {
            if (File.Exists(file))
            {
                return File.ReadAllText(file);
            }

            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var password = RandomNumberGenerator.GetString(Letters, Length);
            Write(file, password);
            return password;
        }
    }

    /// <summary>Writes a secret that no other user can read, at no moment.</summary>
    public static void Write(string file, string secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(file, options);
        writer.Write(secret);
    }
}
