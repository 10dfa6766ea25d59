namespace ProductAspire.Local.Running;

/// <summary>Writes lines with the name of the resource in front, each name in its own colour.</summary>
internal static class ConsoleLog
{
    private static readonly Lock Gate = new();
    private static readonly int[] Colours = [36, 33, 35, 32, 34, 96, 93, 95];

    private static readonly bool Coloured =
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public static void Write(string line)
    {
        lock (Gate)
        {
            Console.Out.WriteLine(line);
        }
    }

    /// <param name="name">The resource.</param>
    /// <param name="width">Names are padded to this.</param>
    /// <param name="number">Picks the colour.</param>
    /// <param name="line">What the resource wrote.</param>
    public static void Write(string name, int width, int number, string line) =>
        Write(Paint($"{name.PadRight(width)} │", Colours[number % Colours.Length]) + " " + line);

    public static string Good(string text) => Paint(text, 32);

    public static string Bad(string text) => Paint(text, 31);

    private static string Paint(string text, int colour) => Coloured ? $"\e[{colour}m{text}\e[0m" : text;
}
