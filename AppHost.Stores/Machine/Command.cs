using System.ComponentModel;
using System.Diagnostics;

namespace ProductAspire.Stores.Machine;

/// <summary>Runs a program to its end and returns its output.</summary>
internal static class Command
{
    /// <returns>Exit code and output; null if it cannot be started or takes longer than it may.</returns>
    public static async Task<CommandResult?> RunAsync(
        string fileName,
        IEnumerable<string> arguments,
        TimeSpan limit,
        CancellationToken cancellationToken,
        string? workingDirectory = null,
        string? userName = null)
    {
        var start = new ProcessStartInfo(fileName, arguments)
        {
            WorkingDirectory = workingDirectory ?? "",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (userName is not null)
        {
            start.UserName = userName;
        }

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(limit);
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                process.StandardInput.Close();
                var output = process.StandardOutput.ReadToEndAsync(limited.Token);
                var errors = process.StandardError.ReadToEndAsync(limited.Token);
                await process.WaitForExitAsync(limited.Token);
                return new(process.ExitCode, await output + await errors);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                cancellationToken.ThrowIfCancellationRequested();
                return null;
            }
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}

internal sealed record CommandResult(int ExitCode, string Output);
