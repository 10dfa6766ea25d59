using Microsoft.AspNetCore.DataProtection;

namespace Product.Web.Identity;

/// <summary>The keys that cookies and forms are protected with.</summary>
public static class KeyRing
{
    private const string ApplicationName = "product-web";

    /// <summary>
    /// Replicas must share the keys, or a visitor is signed out whenever another one answers: <c>DataProtection:KeysFolder</c> names a folder
    /// that all of them see, and nobody else. Without it, each machine has its own.
    /// </summary>
    public static void AddKeyRing(this WebApplicationBuilder builder)
    {
        var keys = builder.Services.AddDataProtection().SetApplicationName(ApplicationName);
        if (builder.Configuration["DataProtection:KeysFolder"] is { Length: > 0 } folder)
        {
            keys.PersistKeysToFileSystem(new DirectoryInfo(folder));
        }
    }
}
