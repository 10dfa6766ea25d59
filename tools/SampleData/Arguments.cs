using System.Globalization;

namespace SampleData;

/// <summary>The command line: a verb and options of the form <c>--name value</c>.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _options = [];

    private Arguments(string verb) => Verb = verb;

    public string Verb { get; }

    /// <exception cref="FormatException">The arguments are not of that form, or an option is not one of <paramref name="known"/>.</exception>
    public static Arguments Parse(string[] args, params IReadOnlyCollection<string> known)
    {
        var arguments = new Arguments(args.FirstOrDefault() ?? throw new FormatException("A verb is missing."));
        for (var i = 1; i < args.Length; i += 2)
        {
            if (!known.Contains(args[i]) || i + 1 == args.Length)
            {
                throw new FormatException($"The option {args[i]} is not known, or has no value.");
            }

            arguments._options[args[i]] = args[i + 1];
        }

        return arguments;
    }

    public string Text(string name, string ifAbsent) => _options.GetValueOrDefault(name, ifAbsent);

    /// <exception cref="FormatException">The value is not a number of at least <paramref name="min"/>.</exception>
    public int Number(string name, int ifAbsent, int min) =>
        !_options.TryGetValue(name, out var text) ? ifAbsent
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min ? number
        : throw new FormatException($"The option {name} must be a whole number of at least {min}.");
}
