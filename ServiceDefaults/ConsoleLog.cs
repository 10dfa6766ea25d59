using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ProductAspire.ServiceDefaults;

/// <summary>
/// Writes the log to the console: JSON for machines, one object a line; in Development text for people. In neither can a value that came from
/// outside pass for a line of its own.
/// </summary>
internal static class ConsoleLog
{
    public static void AddConsoleLog(this IHostApplicationBuilder builder)
    {
        if (builder.Environment.IsDevelopment())
        {
            builder.Logging.AddConsoleFormatter<EscapingConsoleFormatter, ConsoleFormatterOptions>();
            builder.Logging.AddConsole(options => options.FormatterName = EscapingConsoleFormatter.FormatterName);
        }
        else
        {
            builder.Logging.AddJsonConsole(options =>
            {
                options.TimestampFormat = "O";
                options.UseUtcTimestamp = true;
                // They carry the trace.
                options.IncludeScopes = true;
            });
        }
    }
}
