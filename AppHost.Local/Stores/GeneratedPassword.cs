using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace ProductAspire.Local.Stores;

/// <summary>A password made up once and remembered beside the data that it opens, readable by its owner only.</summary>
internal static class GeneratedPassword
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private static readonly Lock Gate = new();

    public static ParameterResource For(IDistributedApplicationBuilder builder, string name)
    {
        var file = Path.Combine(((DistributedApplicationBuilder)builder).State.Own, "passwords", name);
        return new(name, _ => builder.Configuration[$"Parameters:{name}"] ?? Remembered(file), secret: true);
    }

    private static string Remembered(string file)
    {
        lock (Gate)
        {
            if (File.Exists(file))
            {
                return File.ReadAllText(file);
            }

            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var password = RandomNumberGenerator.GetString(Letters, 22);
            WriteSecret(file, password);
            return password;
        }
    }

    /// <summary>No moment passes in which another user could read it.</summary>
    public static void WriteSecret(string file, string secret)
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
