namespace WebTests.Support;

/// <summary>What a visitor sees the pages on.</summary>
public sealed record Look(string Name, int Width, int Height, bool IsDark, bool IsHeldAccessible)
{
    public static readonly Look Desktop = new("desktop-light", 1280, 800, IsDark: false, IsHeldAccessible: true);
    public static readonly Look Phone = new("phone-dark", 390, 844, IsDark: true, IsHeldAccessible: true);

    public static readonly Look[] All =
    [
        Desktop,
        Desktop with { Name = "desktop-dark", IsDark = true, IsHeldAccessible = false },
        Phone,
        Phone with { Name = "phone-light", IsDark = false, IsHeldAccessible = false },
    ];
}
