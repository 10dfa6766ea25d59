using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ProductAspire.ServiceDefaults;

/// <summary>The usual text, with control characters written as escapes; only an exception keeps its line breaks, and those are indented.</summary>
internal sealed partial class EscapingConsoleFormatter(IServiceProvider services) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "escaping";

    // Asked for late: this one is among the formatters itself.
    private readonly Lazy<ConsoleFormatter> _usual = new(
        () => services.GetServices<ConsoleFormatter>().Single(formatter => formatter.Name == ConsoleFormatterNames.Simple));

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var text = Escape(logEntry.Formatter(logEntry.State, logEntry.Exception), Unprintable());
        if (logEntry.Exception is { } exception)
        {
            text += Environment.NewLine + Escape(exception.ToString().ReplaceLineEndings(), UnprintableInLines());
        }

        var escaped = new LogEntry<TState>(
            logEntry.LogLevel, logEntry.Category, logEntry.EventId, logEntry.State, exception: null, (_, _) => text);
        _usual.Value.Write(escaped, scopeProvider, textWriter);
    }

    private static string Escape(string text, Regex unprintable) =>
        unprintable.Replace(text, found => string.Create(CultureInfo.InvariantCulture, $@"\u{(int)found.Value[0]:x4}"));

    [GeneratedRegex(@"[\p{Cc}\u2028\u2029]")]
    private static partial Regex Unprintable();

    [GeneratedRegex(@"[\p{Cc}\u2028\u2029-[\r\n]]")]
    private static partial Regex UnprintableInLines();
}
