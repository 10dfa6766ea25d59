namespace WebTests.Support;

/// <summary>What a visitor sees the pages on.</summary>
public sealed record Look(string Name, int Width, int Height, bool IsDark)
{
    public static readonly Look Desktop = new("desktop-light", 1280, 800, IsDark: false);
    public static readonly Look Phone = new("phone-light", 390, 844, IsDark: false);

    public static readonly Look[] All = [Desktop, Desktop with { Name = "desktop-dark", IsDark = true }, Phone, Phone with { Name = "phone-dark", IsDark = true }];
}
